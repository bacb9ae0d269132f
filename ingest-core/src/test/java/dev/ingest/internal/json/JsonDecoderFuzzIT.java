package dev.ingest.internal.json;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.ingest.fuzz.Fuzzer;
import dev.ingest.internal.batch.Batch;
import dev.ingest.internal.batch.Rows;
import dev.ingest.internal.decode.RejectedException;
import dev.ingest.record.Schema;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** What must hold for a datagram of any bytes whatever. */
public class JsonDecoderFuzzIT {
  private static final InetSocketAddress SOURCE =
      new InetSocketAddress(InetAddress.getLoopbackAddress(), 4711);

  private static final Schema SCHEMA =
      Schema.builder("things")
          .integer("id")
          .timestamp("at")
          .real("value")
          .optional()
          .text("name")
          .optional()
          .bool("on")
          .optional()
          .integer("a_count_with_a_long_name")
          .optional()
          .timestamp("größe")
          .optional()
          .build();

  private static final byte[] BEFORE =
      "{\"id\":1,\"at\":1.5,\"name\":\"before\"}".getBytes(StandardCharsets.UTF_8);
  private static final byte[] AFTER =
      "{\"id\":2,\"at\":2.5,\"on\":true}\n".getBytes(StandardCharsets.UTF_8);
  private static final List<Object> ROW_BEFORE =
      Arrays.asList(1L, 1_500_000_000L, null, "before", null, null, null);
  private static final List<Object> ROW_AFTER =
      Arrays.asList(2L, 2_500_000_000L, null, null, true, null, null);

  static Stream<Path> seeds() throws IOException {
    return Fuzzer.of(JsonDecoderFuzzIT.class).seeds();
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
    Fuzzer.of(JsonDecoderFuzzIT.class).run(60_000);
  }

  /** Called by Jazzer, in a JVM of its own. */
  public static void fuzzerTestOneInput(byte[] datagram) throws RejectedException {
    Batch batch = new Batch(SCHEMA);
    JsonDecoder decoder = new JsonDecoder(SCHEMA);
    decode(decoder, batch, BEFORE);
    Optional<List<List<Object>>> expected = PlainReader.read(SCHEMA, datagram);
    try {
      int rows = decode(decoder, batch, datagram);
      assertEquals(rows, batch.rows() - 1);
      assertEquals(expected, Optional.of(values(batch.all().slice(1, rows + 1))));
      checkThatPayloadsStandAlone(decoder, batch.all().slice(1, rows + 1));
    } catch (RejectedException e) {
      assertFalse(expected.isPresent(), () -> e.reason() + ": " + e.detail());
      checkDetail(e.detail());
      batch.rollback();
      assertEquals(0, batch.uncommitted());
      assertEquals(1, batch.rows());
    }
    assertEquals(1, decode(decoder, batch, AFTER));
    assertEquals(ROW_BEFORE, values(batch.all()).get(0));
    assertEquals(ROW_AFTER, values(batch.all()).get(batch.rows() - 1));
    if (datagram.length > 0 && datagram[0] == '{') {
      checkThatItMakesNoDifferenceToItsNeighbours(decoder, datagram, expected);
    }
  }

  /** Decoded in one go with those before and after it. */
  private static void checkThatItMakesNoDifferenceToItsNeighbours(
      JsonDecoder decoder, byte[] datagram, Optional<List<List<Object>>> expected) {
    Batch batch = new Batch(SCHEMA);
    int[] offsets = {
      batch.append(BEFORE, 0, BEFORE.length),
      batch.append(datagram, 0, datagram.length),
      batch.append(AFTER, 0, AFTER.length)
    };
    int end = offsets[2] + AFTER.length;
    int decoded = decoder.decodeEach(batch, offsets, offsets.length, end);
    assertEquals(decoded, batch.uncommitted());
    batch.commitEach(
        new InetSocketAddress[] {SOURCE, SOURCE, SOURCE},
        0,
        0,
        decoded < offsets.length ? offsets[decoded] - 1 : end);
    boolean endsInNul = IntStream.range(0, datagram.length).anyMatch(i -> datagram[i] == 0);
    if (expected.isPresent() && expected.get().size() == 1 && !endsInNul) {
      assertEquals(List.of(ROW_BEFORE, expected.get().get(0), ROW_AFTER), values(batch.all()));
      assertArrayEquals(BEFORE, batch.all().json(0));
    } else {
      assertTrue(decoded <= 1, () -> decoded + " of a bad one and its neighbours");
      assertTrue(decoded == 0 || values(batch.all()).equals(List.of(ROW_BEFORE)));
    }
  }

  /** As the receiver does it, but for the rollback. */
  private static int decode(JsonDecoder decoder, Batch batch, byte[] datagram)
      throws RejectedException {
    int offset = batch.append(ByteBuffer.wrap(datagram));
    int rows = decoder.decode(batch, offset, datagram.length);
    assertEquals(rows, batch.uncommitted());
    batch.commit(SOURCE, 0, offset + datagram.length);
    return rows;
  }

  /** Decoded again by themselves, also on one line, they give the same row: bit for bit. */
  private static void checkThatPayloadsStandAlone(JsonDecoder decoder, Rows rows)
      throws RejectedException {
    Batch again = new Batch(SCHEMA);
    for (int row = 0; row < rows.size(); row++) {
      byte[] payload = rows.json(row);
      again.clear();
      decode(decoder, again, payload);
      assertEquals(List.of(values(rows, row)), values(again.all()));
      for (int i = 0; i < payload.length; i++) {
        payload[i] = payload[i] == '\n' ? (byte) ' ' : payload[i];
      }
      again.clear();
      decode(decoder, again, payload);
      assertEquals(List.of(values(rows, row)), values(again.all()));
    }
  }

  /** It goes into logs, whatever the sender wrote. */
  private static void checkDetail(String detail) {
    assertTrue(!detail.isBlank() && detail.length() < 300, detail);
    assertTrue(detail.chars().noneMatch(Character::isISOControl), detail);
  }

  private static List<List<Object>> values(Rows rows) {
    return Stream.iterate(0, row -> row < rows.size(), row -> row + 1)
        .map(row -> values(rows, row))
        .toList();
  }

  /** The cells as they are kept: a REAL equals another only if its bits do. */
  private static List<Object> values(Rows rows, int row) {
    Object[] values = new Object[SCHEMA.fields().size()];
    for (int column = 0; column < values.length; column++) {
      if (!rows.isNull(row, column)) {
        values[column] =
            switch (SCHEMA.fields().get(column).type()) {
              case INTEGER, TIMESTAMP -> (Object) rows.getLong(row, column);
              case REAL -> rows.getDouble(row, column);
              case TEXT, JSON -> rows.getString(row, column);
              case BOOLEAN -> rows.getBoolean(row, column);
            };
      }
    }
    return Arrays.asList(values);
  }
}
