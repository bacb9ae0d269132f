package dev.ingest.testing;

import dev.ingest.internal.batch.Batch;
import dev.ingest.internal.decode.RejectedException;
import dev.ingest.internal.json.JsonDecoder;
import dev.ingest.record.JournalPosition;
import dev.ingest.record.RecordBatch;
import dev.ingest.record.Schema;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.time.temporal.ChronoUnit;

/** Makes batches from JSON, by the server's own decoder. Not thread-safe. */
public final class TestBatch {
  private InetSocketAddress sender = new InetSocketAddress(InetAddress.getLoopbackAddress(), 4711);
  private Instant receivedAt = Instant.EPOCH;

  private final Batch batch;
  private final JsonDecoder decoder;

  /**
   * Prepares for a schema.
   *
   * @param schema what the records look like
   */
  public TestBatch(Schema schema) {
    batch = new Batch(schema);
    decoder = new JsonDecoder(schema);
  }

  /**
   * Sets when records arrive from now on, and from whom: until then in 1970, from 127.0.0.1:4711.
   * Shows in the fields that the schema has for that.
   *
   * @param at the time, until the year 2262
   * @param from the sender
   * @return this
   */
  public TestBatch arriving(Instant at, InetSocketAddress from) {
    receivedAt = at;
    sender = from;
    return this;
  }

  /**
   * Decodes records, and overwrites the batch that was made before, as the server does.
   *
   * @param datagrams each one object, an array of objects, or objects on lines of their own
   * @return valid until the next call
   * @throws IllegalArgumentException if a datagram would be rejected
   */
  public RecordBatch of(String... datagrams) {
    decode(datagrams);
    return batch.all();
  }

  /**
   * Decodes records that also stand in a spool, on lines that follow one another.
   *
   * @param first where the first of them stands
   * @param datagrams as for {@link #of}
   * @return valid until the next call
   * @throws IllegalArgumentException if a datagram would be rejected
   */
  public RecordBatch at(JournalPosition first, String... datagrams) {
    decode(datagrams);
    batch.placed(first.segment(), first.line(), 0, batch.rows());
    return batch.all();
  }

  private void decode(String... datagrams) {
    batch.clear();
    for (String datagram : datagrams) {
      byte[] bytes = datagram.getBytes(StandardCharsets.UTF_8);
      int offset = batch.append(ByteBuffer.wrap(bytes));
      try {
        decoder.decode(batch, offset, bytes.length);
      } catch (RejectedException e) {
        throw new IllegalArgumentException(datagram + " is rejected: " + e.detail(), e);
      }
      long nanos = ChronoUnit.NANOS.between(Instant.EPOCH, receivedAt);
      batch.commit(sender, nanos, offset + bytes.length);
    }
  }
}
