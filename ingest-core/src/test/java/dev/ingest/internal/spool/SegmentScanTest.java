package dev.ingest.internal.spool;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.ingest.internal.spool.HookedDisk.Call;
import dev.ingest.internal.spool.LineRun.State;
import dev.ingest.internal.spool.SimulatedDisk.Fault;
import dev.ingest.internal.spool.SimulatedDisk.Request;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.TreeMap;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class SegmentScanTest {
  private static final String NAME = "0000000007-0123456789abcdef";
  private static final int SALT = SegmentNames.salt(NAME);
  private static final int LINES = 6;
  private static final int BLOCK = 1 << 12;

  private final List<String> lines = lines(LINES, 0);

  private static List<String> lines(int count, int length) {
    List<String> lines = new ArrayList<>();
    for (int line = 0; line < count; line++) {
      lines.add(Lines.of(NAME, line, List.of("{\"id\":" + line + "x".repeat(length) + "}")));
    }
    return lines;
  }

  private static byte[] bytes(List<String> lines) {
    return String.join("", lines).getBytes(ISO_8859_1);
  }

  private static SimulatedDisk disk(byte[] content) throws IOException {
    SimulatedDisk disk = new SimulatedDisk(Path.of("simulated"), new Random(1));
    disk.create(NAME).write(0, content, 0, content.length);
    return disk;
  }

  private static SegmentScan scan(byte[] content) throws IOException {
    return SegmentScan.all(disk(content).open(NAME), SALT);
  }

  /** Returns the numbers of the good lines; each must stand where a run says. */
  private static List<Integer> good(SegmentScan scan) {
    List<Integer> numbers = new ArrayList<>();
    int next = 0;
    for (LineRun run : scan.runs()) {
      assertEquals(next, run.line(), "no gap: " + scan.runs());
      next = run.end();
      if (run.state() == State.GOOD) {
        IntStream.range(run.line(), run.end()).forEach(numbers::add);
      }
    }
    assertEquals(next, scan.lines());
    return numbers;
  }

  private static List<Integer> allBut(int count, int... lost) {
    return IntStream.range(0, count)
        .filter(line -> Arrays.stream(lost).noneMatch(one -> one == line))
        .boxed()
        .toList();
  }

  @Test
  void a_damaged_byte_costs_its_line_alone_and_a_damaged_newline_nothing() throws IOException {
    byte[] all = bytes(lines);
    int length = all.length / LINES;
    for (int at = 0; at < all.length; at++) {
      for (int value : new int[] {0, ' ', '\t', '\n', '{', '0', 0xff, all[at] ^ 1, all[at] ^ 64}) {
        byte[] damaged = all.clone();
        damaged[at] = (byte) value;
        boolean harmless = damaged[at] == all[at] || at % length == length - 1;
        SegmentScan scan = scan(damaged);
        assertEquals(
            harmless ? allBut(LINES) : allBut(LINES, at / length),
            good(scan),
            "byte " + at + " is " + value + ": " + scan.runs());
        boolean inLastLine = at / length == LINES - 1; // whose end nobody knows then
        assertTrue(scan.lines() == LINES || (inLastLine && value == '\n'), scan.runs()::toString);
      }
    }
  }

  @Test
  void zeroed_bytes_cost_the_lines_that_they_are_in() throws IOException {
    byte[] all = bytes(lines);
    int length = all.length / LINES;
    for (int from = 0; from < all.length - length; from++) {
      byte[] damaged = all.clone();
      Arrays.fill(damaged, from, from + length, (byte) 0);
      int first = (from + 1) / length; // a newline behind a good line is put right
      int last = (from + length) / length; // a newline behind a damaged one is not
      assertEquals(
          allBut(LINES, IntStream.rangeClosed(first, last).toArray()),
          good(scan(damaged)),
          "from " + from);
    }
  }

  @Test
  void a_segment_that_is_cut_keeps_what_is_before() throws IOException {
    byte[] all = bytes(lines);
    int length = all.length / LINES;
    for (int end = 0; end <= all.length; end++) {
      SegmentScan scan = scan(Arrays.copyOf(all, end));
      int whole = (end + 1) / length; // a line may lack its newline
      assertEquals(allBut(whole), good(scan), "cut at " + end);
      assertEquals((end + 1) % length > 1 || end == 1, scan.isTorn(), "cut at " + end);
      assertEquals(whole * (long) length, scan.end());
    }
  }

  @Test
  void lines_that_are_missing_or_there_twice_shift_no_others() throws IOException {
    for (int line = 0; line < LINES - 1; line++) {
      List<String> some = new ArrayList<>(lines);
      some.add(line, lines.get(line));
      assertEquals(allBut(LINES), good(scan(bytes(some))), "twice: " + line);
      if (line < LINES - 2) {
        some = new ArrayList<>(lines);
        some.remove(line);
        SegmentScan scan = scan(bytes(some));
        assertEquals(allBut(LINES, line), good(scan), "missing: " + line);
        assertEquals(State.MISSING, scan.runs().get(line > 0 ? 1 : 0).state());
      }
    }
  }

  @Test
  void lines_of_another_segment_are_no_lines_of_this_one() throws IOException {
    byte[] all = bytes(lines);
    SegmentScan scan = SegmentScan.all(disk(all).open(NAME), SALT + 1_000);
    assertEquals(List.of(), good(scan));
    assertEquals(LINES, scan.lines());
  }

  @Test
  void blocks_that_cannot_be_read_cost_the_lines_in_them_and_are_not_cut_off() throws IOException {
    int count = 40;
    List<String> longLines = lines(count, 1_000);
    TreeMap<Integer, Integer> ends = new TreeMap<>();
    int end = 0;
    for (int line = 0; line < count; line++) {
      end += longLines.get(line).length();
      ends.put(line, end);
    }
    byte[] all = bytes(longLines);
    for (int block = 0; block * BLOCK < all.length; block++) {
      int from = block * BLOCK;
      int to = Math.min(all.length, from + BLOCK);
      SimulatedDisk disk = disk(all);
      disk.watch(
          new SimulatedDisk.Watch() {
            @Override
            public Fault before(Request request) {
              boolean bad =
                  request.call() == Call.READ
                      && request.position() < to
                      && request.position() + request.length() > from;
              return bad ? Fault.NOTHING_DONE : Fault.NONE;
            }
          });
      SegmentScan scan = SegmentScan.all(disk.open(NAME), SALT);
      int[] lost =
          IntStream.range(0, count)
              .filter(line -> ends.get(line) - 1 > from)
              .filter(line -> ends.get(line) - longLines.get(line).length() < to)
              .toArray();
      assertEquals(allBut(count, lost), good(scan), "block " + block);
      assertFalse(scan.isTorn(), "what cannot be read now may be there later");
      assertEquals(all.length, scan.end());
    }
    assertTrue(all.length > 3 * BLOCK);
  }
}
