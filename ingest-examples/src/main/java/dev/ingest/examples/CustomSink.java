package dev.ingest.examples;

import dev.ingest.IngestServer;
import dev.ingest.record.RecordBatch;
import dev.ingest.sink.Sink;
import dev.ingest.sink.SinkConfig;
import dev.ingest.sink.SinkProvider;
import java.util.Set;
import java.util.concurrent.atomic.AtomicLong;

/**
 * A sink of one's own, which prints the records. The URI {@code print:} finds it because {@code
 * META-INF/services/dev.ingest.sink.SinkProvider} names its provider.
 */
public final class CustomSink implements Sink {
  private final String prefix;

  private CustomSink(String prefix) {
    this.prefix = prefix;
  }

  @Override
  public void write(RecordBatch batch) {
    for (int row = 0; row < batch.size(); row++) {
      System.out.println(
          prefix
              + "sensor "
              + batch.getLong(row, 0)
              + " has "
              + batch.getDouble(row, 1)
              + " degrees");
    }
  }

  /** Serves {@code print:PREFIX}. */
  public static final class Provider implements SinkProvider {
    /** For the ServiceLoader. */
    public Provider() {}

    @Override
    public String scheme() {
      return "print";
    }

    @Override
    public Sink create(SinkConfig config) {
      config.requireKnownOptions(Set.of());
      return new CustomSink(config.path());
    }
  }

  /**
   * Sends five readings to a server with this sink.
   *
   * @param args none
   * @throws Exception if the server cannot be started
   */
  public static void main(String[] args) throws Exception {
    IngestServer server =
        IngestServer.builder().schema(SensorReading.SCHEMA).sink("print:> ").build().start();
    SensorClient.send(server.localAddress(), new AtomicLong(), 100, 5);
  }
}
