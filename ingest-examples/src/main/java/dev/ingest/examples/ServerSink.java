package dev.ingest.examples;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.ingest.record.RecordBatch;
import dev.ingest.record.Schema;
import dev.ingest.sink.Sink;
import dev.ingest.sink.SinkException;
import java.io.IOException;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;

/**
 * A sink that sends the records to another server, as they came. What was sent counts as stored,
 * since no server tells what became of it. After a connection has broken, the batch is sent again.
 */
final class ServerSink implements Sink {
  /** The whole record, whatever it has. */
  static final Schema SCHEMA = Schema.builder("records").json("record").from("").build();

  /** What a datagram of IPv4 can hold. */
  private static final int MAX_DATAGRAM = 65_507;

  private final Target target;
  private final double rate;
  private Target.@Nullable Connection connection;
  private long nextNanos = System.nanoTime();

  /**
   * Makes a sink.
   *
   * @param rate how many records to send a second over UDP, which would lose some otherwise
   */
  ServerSink(Target target, double rate) {
    this.target = target;
    this.rate = rate;
  }

  @Override
  public void open(Schema schema) throws IOException {
    connection = target.connect(null);
  }

  @Override
  public void write(RecordBatch batch) throws Exception {
    boolean datagrams = target.scheme().equals("udp");
    byte[][] records = new byte[batch.size()][];
    for (int row = 0; row < batch.size(); row++) {
      records[row] = batch.getString(row, 0).getBytes(UTF_8);
      if (datagrams && records[row].length > MAX_DATAGRAM) {
        throw SinkException.permanent(
            "the record has " + records[row].length + " bytes: a datagram holds " + MAX_DATAGRAM);
      }
    }
    try {
      Target.Connection to = connection == null ? target.connect(null) : connection;
      connection = to;
      for (byte[] record : records) {
        if (datagrams) {
          awaitTurn();
        }
        to.send(record);
      }
    } catch (IOException e) {
      close();
      throw SinkException.retryable("cannot send to " + target + ": " + e.getMessage(), e);
    }
  }

  private void awaitTurn() throws InterruptedException {
    long early;
    while ((early = nextNanos - System.nanoTime()) > 0) {
      LockSupport.parkNanos(early);
      if (Thread.interrupted()) {
        throw new InterruptedException("interrupted while records were sent");
      }
    }
    nextNanos = Math.max(nextNanos, System.nanoTime() - 1_000_000) + (long) (1e9 / rate);
  }

  @Override
  public void close() throws IOException {
    Target.Connection open = connection;
    connection = null;
    if (open != null) {
      open.close();
    }
  }
}
