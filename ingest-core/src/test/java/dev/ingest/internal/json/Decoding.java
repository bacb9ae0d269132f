package dev.ingest.internal.json;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.ingest.internal.batch.Batch;
import dev.ingest.internal.batch.Rows;
import dev.ingest.internal.decode.RejectedException;
import dev.ingest.record.Schema;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/** Decodes messages of a schema, one at a time, and gives their rows back as values. */
final class Decoding {
  private static final byte[] BEFORE = "what came before".getBytes(UTF_8);

  /** What came of a message whose records are rejected by themselves. */
  record Records(List<List<Object>> rows, List<String> payloads, List<Rejected> rejected) {}

  /** A record that was rejected, with the bytes that it came as. */
  record Rejected(RejectedException why, String payload) {
    @Override
    public String toString() {
      return why.reason() + " " + payload;
    }
  }

  private final Schema schema;
  private final Batch batch;
  private final JsonDecoder decoder;

  Decoding(Schema schema) {
    this.schema = schema;
    batch = new Batch(schema);
    decoder = new JsonDecoder(schema);
  }

  /** The values of each row: an INTEGER or a TIMESTAMP as a Long, JSON and TEXT as a String. */
  List<List<Object>> decode(String message) throws RejectedException {
    return decode(message.getBytes(UTF_8));
  }

  List<List<Object>> decode(byte[] message) throws RejectedException {
    int offset = append(message);
    decoder.decode(batch, offset, message.length);
    batch.commit(null, 0, offset + message.length);
    return rows();
  }

  /** The rejection of a message. */
  RejectedException reject(String message) {
    try {
      throw new AssertionError("not rejected, but decoded as " + decode(message));
    } catch (RejectedException e) {
      return e;
    }
  }

  Records decodeRecords(String message) throws RejectedException {
    return decodeRecords(message.getBytes(UTF_8));
  }

  Records decodeRecords(byte[] message) throws RejectedException {
    int offset = append(message);
    List<Rejected> rejected = new ArrayList<>();
    int count =
        decoder.decodeRecords(
            batch,
            offset,
            message.length,
            (why, at, length) ->
                rejected.add(new Rejected(why, new String(batch.payload(), at, length, UTF_8))));
    if (count != batch.uncommitted()) {
      throw new AssertionError(count + " rows, but " + batch.uncommitted() + " were added");
    }
    batch.commit(null, 0, offset + message.length);
    List<String> payloads = new ArrayList<>();
    for (int row = 0; row < batch.rows(); row++) {
      payloads.add(new String(batch.all().json(row), UTF_8));
    }
    return new Records(count == 0 ? List.of() : rows(), payloads, rejected);
  }

  /** Not at the beginning of the batch, as most messages. */
  private int append(byte[] message) {
    batch.clear();
    batch.append(BEFORE, 0, BEFORE.length);
    return batch.append(ByteBuffer.wrap(message));
  }

  private List<List<Object>> rows() {
    List<List<Object>> rows = new ArrayList<>();
    for (int row = 0; row < batch.rows(); row++) {
      rows.add(values(batch.all(), row));
    }
    return rows;
  }

  private List<Object> values(Rows rows, int row) {
    Object[] values = new Object[schema.fields().size()];
    for (int column = 0; column < values.length; column++) {
      if (!rows.isNull(row, column)) {
        values[column] =
            switch (schema.fields().get(column).type()) {
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
