package dev.ingest.internal.spool;

import dev.ingest.internal.batch.Batch;
import dev.ingest.internal.batch.BatchQueue;
import dev.ingest.internal.deadletter.DeadLetterFile;
import dev.ingest.internal.decode.JsonDecoder;
import dev.ingest.internal.decode.RejectedException;
import dev.ingest.internal.ledger.Ledger;
import dev.ingest.internal.ledger.RateLimitedLog;
import dev.ingest.record.DropReason;
import dev.ingest.record.JournalPosition;
import dev.ingest.record.Schema;
import java.io.Closeable;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.nio.file.Files;
import org.jspecify.annotations.Nullable;

/**
 * Reads what is pending in the spool back into a batch, through the same decoder as everything, and
 * counts it as on its way to the sink.
 *
 * <p>A batch holds lines that follow one another in a segment. A line that is no record of the
 * schema, because the file was damaged or the schema is another one by now, becomes a dead letter
 * with the reason: in the server's dead-letter file, or if it has none in {@value #UNREADABLE} in
 * the spool's directory.
 *
 * <p>Only the writer thread uses it.
 */
public final class Replay implements Closeable {
  /** Where lines go that are no records, if there is no dead-letter file. */
  private static final String UNREADABLE = "unreadable.ndjson";

  private static final Logger LOGGER = System.getLogger("dev.ingest.spool");
  private static final int BLOCK_BYTES = 1 << 16;
  private static final int BUFFER_BYTES = BatchQueue.FULL_BYTES + (1 << 17);

  private final Spool spool;
  private final int batchSize;
  private final Ledger ledger;
  private final JsonDecoder decoder;
  private final Batch batch;
  private final @Nullable DeadLetterFile deadLetters;
  private final RateLimitedLog unreadableLog = new RateLimitedLog(LOGGER, Level.ERROR);
  private @Nullable DeadLetterFile unreadable;

  /** Made when something is replayed for the first time, as in most runs nothing is. */
  private byte[] buffer = new byte[0];

  private int filled;

  /** Where the line after each row of the batch begins in the buffer. */
  private final int[] lineEnds;

  private @Nullable Stretch stretch;

  /** Makes a reader of a spool; of the dead letters only {@code unreadable.ndjson} is its own. */
  public Replay(
      Spool spool,
      Schema schema,
      int batchSize,
      Ledger ledger,
      @Nullable DeadLetterFile deadLetters) {
    this.spool = spool;
    this.batchSize = batchSize;
    this.ledger = ledger;
    this.decoder = new JsonDecoder(schema);
    this.batch = new Batch(schema);
    this.deadLetters = deadLetters;
    this.lineEnds = new int[batchSize];
  }

  /**
   * Reads the next records that are pending, the oldest.
   *
   * @return a batch, valid until the next call, to be followed by {@link #passed}; null if nothing
   *     is pending
   * @throws IOException if what is pending cannot be read now; it stays pending
   */
  public @Nullable Batch next() throws IOException {
    if (buffer.length == 0) {
      buffer = new byte[BUFFER_BYTES];
    }
    batch.clear();
    Stretch next;
    while (batch.rows() == 0 && (next = spool.next()) != null) {
      stretch = next;
      if (read(next)) {
        decode(next);
      }
    }
    ledger.replayed(batch.rows());
    return batch.rows() == 0 ? null : batch;
  }

  /** Says how many rows of the batch, from the first, are settled; the others stay pending. */
  public void passed(int settled) {
    Stretch last = stretch;
    if (last != null && settled > 0) {
      spool.passed(last, settled, lineEnds[settled - 1]);
    }
  }

  /** Fills the buffer from where the stretch begins; false if that is not there any more. */
  private boolean read(Stretch next) throws IOException {
    if (Files.notExists(next.file())) {
      giveUp(next, "is gone");
      return false;
    }
    try (RandomAccessFile in = new RandomAccessFile(next.file().toFile(), "r")) {
      in.seek(next.offset());
      filled = 0;
      int read;
      while ((read = in.read(buffer, filled, buffer.length - filled)) > 0) {
        filled += read;
      }
    }
    return true;
  }

  private void giveUp(Stretch next, String what) {
    int records = spool.giveUp(next);
    ledger.replayed(records);
    ledger.dropped(DropReason.SPOOL_FILE_GONE, records);
    LOGGER.log(
        Level.ERROR,
        "the spool's file "
            + next.file()
            + " "
            + what
            + ", and with it records that were not stored yet: "
            + records
            + ". Nobody but the server may touch the files in its spool directory while it runs");
  }

  private void decode(Stretch next) throws IOException {
    if (next.skip() > 0) {
      skip(next);
    } else {
      decodeLines(next);
      batch.placed(next.segment(), next.line(), next.offset(), batch.rows());
    }
  }

  /** Passes over lines that are settled, as far as the buffer holds them. */
  private void skip(Stretch next) throws IOException {
    int lines = 0;
    int at = 0;
    for (int end = endOfLine(0); end >= 0 && lines < next.skip(); end = endOfLine(at)) {
      at = end;
      lines++;
    }
    if (lines > 0) {
      spool.passed(next, lines, at);
    } else if (filled < buffer.length) {
      giveUp(next, "was cut");
    } else {
      spool.passed(next, 1, longLine(next) + 1);
    }
  }

  /** Decodes lines until the batch is full, the buffer empty, or a line is no record. */
  private void decodeLines(Stretch next) throws IOException {
    int at = 0;
    while (batch.rows() < Math.min(batchSize, next.take())
        && batch.bytes() < BatchQueue.FULL_BYTES) {
      int end = endOfLine(at);
      if (end < 0) {
        if (batch.rows() == 0) {
          beyondBuffer(next);
        }
        return;
      }
      if (!decodeLine(next, at, end - 1 - at)) {
        return;
      }
      lineEnds[batch.rows() - 1] = end;
      at = end;
    }
  }

  private int endOfLine(int from) {
    for (int i = from; i < filled; i++) {
      if (buffer[i] == '\n') {
        return i + 1;
      }
    }
    return -1;
  }

  /** Decodes a line; false if it is no record, and then settles it if it is the first one. */
  private boolean decodeLine(Stretch next, int offset, int length) throws IOException {
    String detail;
    String reason;
    try {
      int start = batch.append(buffer, offset, length);
      int records = decoder.decode(batch, start, length);
      if (records == 1) {
        batch.commit(null, start + length);
        return true;
      }
      reason = "TRAILING_GARBAGE";
      detail = "the line holds " + records + " records: expected one";
    } catch (RejectedException e) {
      reason = e.reason().name();
      detail = e.detail();
    }
    batch.rollback();
    if (batch.rows() == 0) {
      unreadable(next, reason, detail, offset, length);
      spool.passed(next, 1, length + 1);
    }
    return false;
  }

  /** The first line does not end in the buffer: the spool has not written it so. */
  private void beyondBuffer(Stretch next) throws IOException {
    if (filled < buffer.length) {
      giveUp(next, "was cut");
      return;
    }
    long length = longLine(next);
    unreadable(
        next,
        "OVERSIZED",
        "the line has " + length + " bytes, of which the first are here: no record has so many",
        0,
        BLOCK_BYTES);
    spool.passed(next, 1, length + 1);
  }

  /** The length of a line that fills the buffer. */
  private static long longLine(Stretch next) throws IOException {
    try (RandomAccessFile in = new RandomAccessFile(next.file().toFile(), "r")) {
      long length = BUFFER_BYTES;
      in.seek(next.offset() + length);
      byte[] block = new byte[BLOCK_BYTES];
      for (int read = in.read(block); read > 0; read = in.read(block)) {
        for (int i = 0; i < read; i++) {
          if (block[i] == '\n') {
            return length + i;
          }
        }
        length += read;
      }
      return length;
    }
  }

  private void unreadable(Stretch next, String reason, String detail, int offset, int length)
      throws IOException {
    JournalPosition position = new JournalPosition(next.segment(), next.line());
    DeadLetterFile file = deadLetters != null ? deadLetters : unreadable;
    if (file == null) {
      file = DeadLetterFile.open(spool.path().resolve(UNREADABLE));
      unreadable = file;
    }
    if (!file.write(reason, detail, position.toString(), buffer, offset, length)) {
      throw new IOException("the line cannot be written to the dead letters: " + position);
    }
    unreadableLog.event(
        1,
        () ->
            "what stands in the "
                + position
                + " is no record of the schema, and is a dead letter now: "
                + reason
                + ": "
                + detail);
    ledger.replayed(1);
    ledger.deadLettered();
    spool.settle(position, 1);
  }

  @Override
  public void close() throws IOException {
    if (unreadable != null) {
      unreadable.close();
    }
  }
}
