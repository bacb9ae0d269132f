package dev.ingest.internal.spool;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.ingest.internal.batch.Batch;
import dev.ingest.internal.batch.Rows;
import dev.ingest.internal.decode.RejectedException;
import dev.ingest.internal.json.JsonDecoder;
import dev.ingest.internal.log.Addresses;
import dev.ingest.record.Schema;
import java.net.InetSocketAddress;
import java.util.BitSet;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/**
 * Records of which each is known by a number, and shows whether it is as it was. In the schema with
 * arrivals, three records that follow one another arrive together, from one sender.
 */
final class Events {
  static final Schema SCHEMA =
      Schema.builder("events").integer("id").text("text").optional().build();

  static final Schema WITH_ARRIVALS =
      Schema.builder("events")
          .integer("id")
          .text("text")
          .optional()
          .receivedAt("at")
          .sender("by")
          .build();

  private static final int LONGEST = 300;
  private static final int TOGETHER = 3;
  private static final long FIRST_ARRIVAL = 1_751_715_061_123_456_789L;
  private static final JsonDecoder DECODER = new JsonDecoder(SCHEMA);
  private static final InetSocketAddress[] SENDERS =
      IntStream.rangeClosed(1, 5)
          .mapToObj(i -> new InetSocketAddress("192.0.2." + i, i))
          .toArray(InetSocketAddress[]::new);

  private Events() {}

  /** Adds a record to a batch, as a datagram of its own. */
  static void add(Batch batch, int id) {
    String text = text(id);
    String record = "{\"id\":" + id + (text == null ? "}" : ",\n\"text\":\"" + text + "\"}");
    byte[] bytes = record.getBytes(UTF_8);
    int offset = batch.append(bytes, 0, bytes.length);
    try {
      DECODER.decode(batch, offset, bytes.length);
    } catch (RejectedException e) {
      throw new AssertionError(e);
    }
    boolean arrives = batch.keepsArrival();
    batch.commit(arrives ? sender(id) : null, arrives ? arrival(id) : 0, offset + bytes.length);
  }

  private static InetSocketAddress sender(int id) {
    return SENDERS[id / TOGETHER % SENDERS.length];
  }

  private static long arrival(int id) {
    return FIRST_ARRIVAL + id / TOGETHER;
  }

  /** Fails unless a row is as it was when it was added. */
  static void check(Rows rows, int row) {
    int id = id(rows, row);
    assertEquals(text(id), rows.isNull(row, 1) ? null : rows.getString(row, 1));
    if (rows.schema().equals(WITH_ARRIVALS)) {
      assertEquals(arrival(id), rows.getLong(row, 2));
      assertEquals(Addresses.toText(sender(id)), rows.getString(row, 3));
    }
  }

  /** Returns the text of a record: none, a short one or a long one. */
  private static @Nullable String text(int id) {
    return id % 3 == 0 ? null : id + "x".repeat(id % 3 == 1 ? 0 : id * 37 % LONGEST);
  }

  static int id(Rows rows, int row) {
    return Math.toIntExact(rows.getLong(row, 0));
  }

  static BitSet ids(Rows rows) {
    BitSet ids = new BitSet();
    for (int row = 0; row < rows.size(); row++) {
      ids.set(id(rows, row));
    }
    return ids;
  }
}
