package dev.ingest.internal.spool;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.ingest.internal.batch.Batch;
import dev.ingest.internal.batch.Rows;
import dev.ingest.internal.decode.RejectedException;
import dev.ingest.internal.json.JsonDecoder;
import dev.ingest.record.Schema;
import java.util.BitSet;
import org.jspecify.annotations.Nullable;

/** Records of which each is known by a number, and shows whether it is as it was. */
final class Events {
  static final Schema SCHEMA =
      Schema.builder("events").integer("id").text("text").optional().build();

  private static final int LONGEST = 300;
  private static final JsonDecoder DECODER = new JsonDecoder(SCHEMA);

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
    batch.commit(null, 0, offset + bytes.length);
  }

  /** Returns the text of a record: none, a short one or a long one. */
  static @Nullable String text(int id) {
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
