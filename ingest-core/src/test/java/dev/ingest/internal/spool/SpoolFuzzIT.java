package dev.ingest.internal.spool;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.ingest.fuzz.Fuzzer;
import dev.ingest.internal.batch.Batch;
import dev.ingest.internal.batch.Rows;
import dev.ingest.internal.decode.RejectedException;
import dev.ingest.internal.deliver.ReplayedRecords;
import dev.ingest.internal.json.JsonDecoder;
import dev.ingest.internal.ledger.Ledger;
import dev.ingest.internal.ledger.Levels;
import dev.ingest.policy.Spooling;
import dev.ingest.record.Schema;
import dev.ingest.stats.IngestStats;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.BitSet;
import java.util.Iterator;
import java.util.List;
import java.util.OptionalLong;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Assertions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * What must hold for a spool whose files hold any bytes whatever, lines with arrivals included. The
 * input is the records of a segment, then a NUL twice, then what is noted as settled of it, then a
 * NUL twice, then the damage done to the file: of each three bytes the first two say where, and the
 * last what stands there.
 */
public class SpoolFuzzIT {
  private static final Schema SCHEMA =
      Schema.builder("events")
          .integer("id")
          .text("name")
          .optional()
          .receivedAt("at")
          .optional()
          .sender("by")
          .optional()
          .build();
  private static final JsonDecoder DECODER = new JsonDecoder(SCHEMA);
  private static final String NAME = "0000000007-0123456789abcdef";
  private static final Pattern ARRIVAL =
      Pattern.compile("(?s)\\[(-?[1-9][0-9]{0,18}|0),\"([ -~&&[^\"\\\\]]+)\",([^\\[].*)\\]");
  private static final Pattern NOTE = Pattern.compile("(?m)^(\\d{1,10}) (\\d{1,10})$");

  static Stream<Path> seeds() throws IOException {
    return Fuzzer.of(SpoolFuzzIT.class).seeds();
  }

  @ParameterizedTest
  @MethodSource("seeds")
  @Timeout(value = 60, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
  void a_seed_breaks_nothing(Path seed) throws Exception {
    fuzzerTestOneInput(Files.readAllBytes(seed));
  }

  @Test
  @EnabledOnOs(architectures = {"amd64", "x86_64", "aarch64"})
  void no_mutant_of_the_seeds_breaks_anything() throws Exception {
    Fuzzer.of(SpoolFuzzIT.class).run(1_500);
  }

  /** Called by Jazzer, in a JVM of its own. */
  public static void fuzzerTestOneInput(byte[] input) throws IOException {
    Path directory = Files.createTempDirectory("ingest-fuzz");
    try {
      String[] parts = new String(input, ISO_8859_1).split("\0\0", 3);
      List<String> records = Arrays.asList(parts[0].split("\n", -1));
      byte[] segment = Lines.of(NAME, 0, records).getBytes(ISO_8859_1);
      String damage = parts.length < 3 ? "" : parts[2];
      for (int i = 0; i + 2 < damage.length(); i += 3) {
        int at = (damage.charAt(i) << 8 | damage.charAt(i + 1)) % segment.length;
        segment[at] = (byte) damage.charAt(i + 2);
      }
      Files.write(directory.resolve(NAME + ".ndjson"), segment);
      String notes = parts.length < 2 ? "" : parts[1];
      Files.writeString(directory.resolve(NAME + ".settled"), checked(notes), ISO_8859_1);
      check(directory, unsettled(records, notes), damage.length() / 3);
    } finally {
      delete(directory);
    }
  }

  /** Gives notes that are well-formed their checks. */
  private static String checked(String notes) {
    return NOTE.matcher(notes).replaceAll(note -> Lines.note(NAME, note.group()));
  }

  private static List<String> unsettled(List<String> records, String notes) {
    BitSet settled = new BitSet();
    Matcher note = NOTE.matcher(notes);
    while (note.find()) {
      long first = Long.parseLong(note.group(1));
      long end = first + Long.parseLong(note.group(2));
      if (end <= records.size()) {
        settled.set((int) first, (int) end);
      }
    }
    return IntStream.range(0, records.size())
        .filter(line -> !settled.get(line))
        .mapToObj(records::get)
        .toList();
  }

  /** No record comes back that was not there, and each is in some account, torn lines included. */
  private static void check(Path directory, List<String> records, int damagedBytes)
      throws IOException {
    List<List<Object>> good = new ArrayList<>();
    records.forEach(record -> good.addAll(oneRecord(record)));
    Ledger ledger = new Ledger();
    try (Spool spool =
        Spool.open(
            Spooling.in(directory).limit(1 << 20),
            1,
            new Spool.Failures(
                Assertions::fail, lines -> Assertions.fail(lines + " not journaled")))) {
      ledger.recovered(spool.unsettled(), spool.tornLines());
      List<List<Object>> replayed = replayAll(spool, ledger);
      assertFalse(spool.hasPending());
      assertEquals(0, spool.unsettled());
      if (damagedBytes == 0) {
        assertEquals(good, replayed);
        assertEquals(
            records.size(),
            ledger.snapshot(new Levels(OptionalLong.empty(), 10, 0, 0)).records().recovered());
      } else {
        assertTrue(isSubsequence(replayed, good), () -> replayed + " of " + good);
        assertTrue(good.size() - replayed.size() <= 2 * damagedBytes, () -> replayed + "");
      }
    }
    IngestStats end = ledger.snapshot(new Levels(OptionalLong.empty(), 10, 0, 0));
    assertTrue(end.records().isBalanced());
    assertEquals(0, end.records().queued() + end.records().spooled());
    assertFalse(Files.exists(directory.resolve(NAME + ".ndjson")));
    assertFalse(Files.exists(directory.resolve(NAME + ".settled")));
  }

  private static boolean isSubsequence(List<List<Object>> some, List<List<Object>> all) {
    Iterator<List<Object>> left = all.iterator();
    for (List<Object> one : some) {
      boolean found = false;
      while (!found && left.hasNext()) {
        found = left.next().equals(one);
      }
      if (!found) {
        return false;
      }
    }
    return true;
  }

  private static List<List<Object>> replayAll(Spool spool, Ledger ledger) throws IOException {
    List<List<Object>> values = new ArrayList<>();
    try (ReplayedRecords replay = new ReplayedRecords(spool, SCHEMA, 3, ledger)) {
      Batch batch;
      while ((batch = replay.next()) != null) {
        values.addAll(values(batch.all()));
        ledger.persisted(batch.rows(), 1_000);
        spool.settle(batch.all());
        replay.advance(batch.rows());
      }
    }
    return values;
  }

  private static List<List<Object>> oneRecord(String line) {
    Matcher arrival = ARRIVAL.matcher(line);
    if (!arrival.matches()) {
      return line.startsWith("[") ? List.of() : oneRecord(line, null, null);
    }
    try {
      return oneRecord(arrival.group(3), Long.valueOf(arrival.group(1)), arrival.group(2));
    } catch (NumberFormatException e) {
      return List.of();
    }
  }

  private static List<List<Object>> oneRecord(
      String record, @Nullable Long receivedAt, @Nullable String sender) {
    Batch batch = new Batch(SCHEMA);
    byte[] bytes = record.getBytes(ISO_8859_1);
    int offset = batch.append(ByteBuffer.wrap(bytes));
    try {
      DECODER.decode(batch, offset, bytes.length);
    } catch (RejectedException e) {
      return List.of();
    }
    batch.commit(null, 0, bytes.length);
    Rows rows = batch.all();
    return rows.size() == 1
        ? List.of(Arrays.asList(rows.getLong(0, 0), text(rows, 0, 1), receivedAt, sender))
        : List.of();
  }

  private static List<List<Object>> values(Rows rows) {
    List<List<Object>> values = new ArrayList<>();
    for (int row = 0; row < rows.size(); row++) {
      values.add(
          Arrays.asList(
              rows.getLong(row, 0),
              text(rows, row, 1),
              rows.isNull(row, 2) ? null : rows.getLong(row, 2),
              text(rows, row, 3)));
    }
    return values;
  }

  private static @Nullable String text(Rows rows, int row, int column) {
    return rows.isNull(row, column) ? null : rows.getString(row, column);
  }

  private static void delete(Path directory) throws IOException {
    try (Stream<Path> files = Files.list(directory)) {
      for (Path file : files.toList()) {
        Files.delete(file);
      }
    }
    Files.delete(directory);
  }
}
