package dev.ingest.internal.spool;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;

import dev.ingest.fuzz.Fuzzer;
import dev.ingest.internal.batch.Batch;
import dev.ingest.internal.batch.Rows;
import dev.ingest.internal.decode.RejectedException;
import dev.ingest.internal.deliver.ReplayedRecords;
import dev.ingest.internal.json.JsonDecoder;
import dev.ingest.internal.ledger.Ledger;
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
import java.util.List;
import java.util.OptionalLong;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * What must hold for a spool whose files hold any bytes whatever. The input is a segment, then a
 * NUL twice, then what is noted as settled of it; without the NULs it is a segment of which nothing
 * is.
 */
public class SpoolFuzzIT {
  private static final Schema SCHEMA =
      Schema.builder("events").integer("id").text("name").optional().build();
  private static final JsonDecoder DECODER = new JsonDecoder(SCHEMA);
  private static final String NAME = "0000000007-0123456789abcdef";
  private static final Pattern NOTE = Pattern.compile("(\\d{1,10}) (\\d{1,10})");

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
      String text = new String(input, ISO_8859_1);
      int split = text.indexOf("\0\0");
      String segment = split < 0 ? text : text.substring(0, split);
      String notes = split < 0 ? "" : text.substring(split + 2);
      Files.writeString(directory.resolve(NAME + Segment.FILE_SUFFIX), segment, ISO_8859_1);
      Files.writeString(directory.resolve(NAME + ".settled"), notes, ISO_8859_1);
      check(directory, segment, notes);
    } finally {
      delete(directory);
    }
  }

  private static void check(Path directory, String segment, String notes) throws IOException {
    List<String> lines = new ArrayList<>(Arrays.asList(segment.split("\n", -1)));
    String torn = lines.remove(lines.size() - 1);
    BitSet settled = settled(notes, lines.size());
    List<List<Object>> records = new ArrayList<>();
    long unreadable = 0;
    for (int line = 0; line < lines.size(); line++) {
      if (!settled.get(line)) {
        List<List<Object>> rows = decode(lines.get(line));
        records.addAll(rows.size() == 1 ? rows : List.of());
        unreadable += rows.size() == 1 ? 0 : 1;
      }
    }
    Ledger ledger = new Ledger();
    try (Spool spool = Spool.open(Spooling.in(directory).limit(1 << 20), 1, failure -> {})) {
      ledger.recovered(spool.unsettled(), spool.tornLines());
      assertEquals(torn.isEmpty() ? 0 : 1, spool.tornLines());
      assertEquals(lines.size() - settled.cardinality(), spool.unsettled());
      assertEquals(records, replayAll(spool, ledger));
      assertFalse(spool.hasPending());
      assertEquals(0, spool.unsettled());
    }
    IngestStats end = ledger.snapshot(OptionalLong.empty());
    assertEquals(unreadable, end.records().deadLettered());
    assertEquals(
        end.records().recovered(), end.records().persisted() + end.records().deadLettered());
    assertEquals(0, end.records().queued() + end.records().spooled());
    assertFalse(Files.exists(directory.resolve(NAME + Segment.FILE_SUFFIX)));
    assertFalse(Files.exists(directory.resolve(NAME + ".settled")));
  }

  private static List<List<Object>> replayAll(Spool spool, Ledger ledger) throws IOException {
    List<List<Object>> values = new ArrayList<>();
    try (ReplayedRecords replay = new ReplayedRecords(spool, SCHEMA, 3, ledger)) {
      Batch batch;
      while ((batch = replay.next()) != null) {
        values.addAll(values(batch.all()));
        ledger.persisted(batch.rows());
        spool.settle(batch.all());
        replay.advance(batch.rows());
      }
    }
    return values;
  }

  /** A note that is torn or damaged counts for nothing. */
  private static BitSet settled(String notes, int lines) {
    BitSet settled = new BitSet();
    notes
        .lines()
        .forEach(
            line -> {
              Matcher note = NOTE.matcher(line);
              if (note.matches()) {
                long first = Long.parseLong(note.group(1));
                long end = first + Long.parseLong(note.group(2));
                if (end <= lines) {
                  settled.set((int) first, (int) end);
                }
              }
            });
    return settled;
  }

  private static List<List<Object>> decode(String line) {
    Batch batch = new Batch(SCHEMA);
    byte[] bytes = line.getBytes(ISO_8859_1);
    int offset = batch.append(ByteBuffer.wrap(bytes));
    try {
      DECODER.decode(batch, offset, bytes.length);
    } catch (RejectedException e) {
      return List.of();
    }
    batch.commit(null, bytes.length);
    return values(batch.all());
  }

  private static List<List<Object>> values(Rows rows) {
    List<List<Object>> values = new ArrayList<>();
    for (int row = 0; row < rows.size(); row++) {
      values.add(
          Arrays.asList(rows.getLong(row, 0), rows.isNull(row, 1) ? null : rows.getString(row, 1)));
    }
    return values;
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
