package dev.ingest.internal.spool;

import dev.ingest.internal.spool.LineRun.State;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * Reads through the file of a segment, and finds out which lines are good.
 *
 * <p>A good line says which one it is, so what is between two good lines is known by its number,
 * however the bytes there are damaged. After damage a line is taken for a later one if no more
 * lines are left out than had room in the damaged bytes, or if the next line follows it: a line
 * that is no good one says so by chance once in four billion times for each line that is possible.
 *
 * <p>A newline that was damaged is put right in the file, if the line before it is good.
 *
 * <p>What cannot be read reads as zeros, a block at a time: so a bad sector costs the lines in it.
 */
final class SegmentScan {
  private static final int BUFFER_BYTES = 2 * RecordLines.MAX_LINE_BYTES;
  private static final int BLOCK_BYTES = 1 << 12;

  private final DiskFile file;
  private final int salt;
  private final LineCheck check = new LineCheck();
  private final byte[] buffer = new byte[BUFFER_BYTES];
  private final List<LineRun> runs = new ArrayList<>();

  /** Where the buffer's first byte is in the file. */
  private long base;

  /** The number of the next line. */
  private int next;

  private long fileEnd;

  // The good lines that were read last and follow one another, if there are any.
  private int runLine;
  private long runOffset = -1;
  private long goodEnd;

  private int badLines;
  private int repaired;
  private long end;
  private boolean torn;

  /** Zeros stand in the place of what could not be read. */
  private boolean unreadable;

  /** The line that the buffer is in began before the buffer. */
  private boolean tooLong;

  // A line that says that it is a later one, which the next line may confirm.
  private int unconfirmed = -1;
  private long unconfirmedOffset;

  private SegmentScan(DiskFile file, int salt, int line, long offset) {
    this.file = file;
    this.salt = salt;
    this.next = line;
    this.base = offset;
    this.goodEnd = offset;
  }

  /** Reads all of a file. */
  static SegmentScan all(DiskFile file, int salt) throws IOException {
    SegmentScan scan = new SegmentScan(file, salt, 0, 0);
    scan.fileEnd = file.length();
    scan.read();
    scan.closeGap(scan.next + scan.badLines, scan.end);
    return scan;
  }

  /**
   * Reads a part of a file.
   *
   * @param expected the lines that are to be there
   */
  static SegmentScan part(DiskFile file, int salt, LineRun expected) throws IOException {
    SegmentScan scan = new SegmentScan(file, salt, expected.line(), expected.offset());
    scan.fileEnd = Math.min(file.length(), expected.offset() + expected.length());
    scan.read();
    scan.closeGap(scan.next, scan.goodEnd);
    scan.runs.removeIf(run -> run.line() >= expected.end());
    scan.runs.replaceAll(run -> run.before(expected.end()));
    scan.closeGap(Math.max(scan.next, expected.end()), Math.max(scan.goodEnd, scan.fileEnd));
    return scan;
  }

  /** Returns what was found, without gaps in the numbers. */
  List<LineRun> runs() {
    return runs;
  }

  /** Returns the number of lines, those that are damaged or missing included. */
  int lines() {
    return next;
  }

  /** Returns where the last line ends. */
  long end() {
    return end;
  }

  /** Tells whether a line follows that has no end, and no check: a crash has torn it. */
  boolean isTorn() {
    return torn;
  }

  /** Returns how many newlines were put right. */
  int repaired() {
    return repaired;
  }

  private void read() throws IOException {
    int start = 0;
    int filled = 0;
    while (true) {
      int newline = newline(start, filled);
      if (newline >= 0) {
        if (tooLong) {
          bad(-1, base + start);
        } else {
          line(start, newline);
        }
        tooLong = false;
        start = newline + 1;
        continue;
      }
      if (start == 0 && filled == buffer.length) {
        tooLong = true; // than any line
        start = filled;
      }
      System.arraycopy(buffer, start, buffer, 0, filled - start);
      base += start;
      filled -= start;
      start = 0;
      int room = (int) Math.min(buffer.length - filled, fileEnd - base - filled);
      int read = room <= 0 ? 0 : fill(filled, room);
      if (read == 0) {
        end = base + filled;
        tail(filled);
        return;
      }
      filled += read;
    }
  }

  private int fill(int filled, int room) throws IOException {
    long position = base + filled;
    try {
      return file.read(position, buffer, filled, room);
    } catch (IOException e) {
      unreadable = true;
      return readOrZeros(file, position, buffer, filled, room);
    }
  }

  private int newline(int from, int to) {
    for (int i = from; i < to; i++) {
      if (buffer[i] == '\n') {
        return i;
      }
    }
    return -1;
  }

  /** What follows the last newline. */
  private void tail(int filled) {
    if (tooLong) {
      bad(-1, base);
    } else if (filled > 0) {
      int rest = goodLines(0, filled);
      if (rest < filled && unreadable) {
        bad(-1, base + rest); // not to be cut off: lines may stand there
      } else if (rest < filled) {
        torn = true;
        end = base + rest;
      }
    }
  }

  private void line(int start, int newline) {
    int number = check.line(buffer, start, newline, salt);
    if (number == next) {
      good(base + start, base + newline + 1);
      return;
    }
    long offset = base + start;
    if (number == unconfirmed + 1 && unconfirmed > next) {
      closeGap(unconfirmed, unconfirmedOffset);
      good(unconfirmedOffset, offset);
      good(offset, base + newline + 1);
    } else if (number > next && number - next <= mostLinesIn(offset - goodEnd)) {
      closeGap(number, offset);
      good(offset, base + newline + 1);
    } else {
      int rest = goodLines(start, newline);
      if (rest <= newline) {
        bad(number, base + rest);
      }
    }
  }

  private static long mostLinesIn(long bytes) {
    return bytes == 0 ? 0 : bytes / RecordLines.OVERHEAD_BYTES + 1;
  }

  /**
   * Looks for good lines that no newline ends, and ends them.
   *
   * @return where what is left begins; beyond the end if nothing is
   */
  private int goodLines(int start, int end) {
    int from = start;
    int checks = 0;
    for (int i = start; i <= end; i++) {
      boolean ends = i == end || !LineCheck.isCheck(buffer[i]) || startsRecord(i + 1, end);
      if (checks >= LineCheck.LENGTH
          && ends
          && check.line(buffer, from, i, salt) == next
          && endLine(i)) {
        good(base + from, base + i + 1);
        from = i + 1;
        checks = 0;
      } else {
        checks = i < end && LineCheck.isCheck(buffer[i]) ? checks + 1 : 0;
      }
    }
    return from;
  }

  private boolean startsRecord(int at, int end) {
    return at >= end || !LineCheck.isCheck(buffer[at]);
  }

  /** Puts a newline right, or adds that of a torn line that lacks nothing else. */
  private boolean endLine(int at) {
    long position = base + at;
    if (position < fileEnd && buffer[at] == '\n') {
      return true;
    }
    try {
      if (position == fileEnd && position < file.length()) {
        return false; // what stands there is another line's
      }
      byte[] newline = {'\n'};
      file.write(position, newline, 0, 1);
      end = Math.max(end, position + 1);
      repaired++;
      return true;
    } catch (IOException e) {
      return false; // then the line counts as damaged
    }
  }

  private void good(long offset, long lineEnd) {
    if (offset != goodEnd) {
      closeGap(next, offset); // over bytes that are of no line
    }
    if (runOffset < 0) {
      runLine = next;
      runOffset = offset;
    }
    next++;
    goodEnd = lineEnd;
    badLines = 0;
    unconfirmed = -1;
  }

  private void bad(int number, long offset) {
    badLines++;
    unconfirmed = number;
    unconfirmedOffset = offset;
  }

  /** Adds what is between the last good line and another one. */
  private void closeGap(int line, long offset) {
    if (runOffset >= 0) {
      runs.add(new LineRun(runLine, next - runLine, runOffset, goodEnd - runOffset, State.GOOD));
      runOffset = -1;
    }
    if (line > next) {
      State state = offset > goodEnd ? State.DAMAGED : State.MISSING;
      runs.add(new LineRun(next, line - next, goodEnd, offset - goodEnd, state));
      next = line;
    }
    goodEnd = offset;
  }

  /** Reads what can be read; what cannot be is zeros. */
  static int readOrZeros(DiskFile file, long position, byte[] buffer, int from, int length)
      throws IOException {
    try {
      return file.read(position, buffer, from, length);
    } catch (IOException e) {
      int filled = (int) Math.min(length, file.length() - position);
      for (int at = 0; at < filled; at += BLOCK_BYTES) {
        int block = Math.min(BLOCK_BYTES, filled - at);
        try {
          file.read(position + at, buffer, from + at, block);
        } catch (IOException again) {
          Arrays.fill(buffer, from + at, from + at + block, (byte) 0);
        }
      }
      return filled;
    }
  }
}
