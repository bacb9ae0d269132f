package dev.ingest.examples;

import dev.ingest.IngestServer;
import dev.ingest.record.RecordBatch;
import dev.ingest.sink.Sink;
import dev.ingest.sink.SinkConfig;
import dev.ingest.sink.SinkProvider;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.concurrent.atomic.AtomicLong;
import picocli.CommandLine.Command;

/**
 * Shows a sink of one's own, which prints the records. The URI {@code print:} finds it because
 * {@code META-INF/services/dev.ingest.sink.SinkProvider} names its provider.
 */
@Command(
    name = "CustomSink",
    description = "Sends five readings to a server with a sink of one's own, which prints them.")
public final class CustomSink implements Callable<Integer> {
  private CustomSink() {}

  /** The sink. */
  private record PrintSink(String prefix) implements Sink {
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
      return new PrintSink(config.path());
    }
  }

  /**
   * Runs the example.
   *
   * @param args none but {@code --help}
   */
  public static void main(String[] args) {
    Example.runAndReturn(new CustomSink(), args);
  }

  @Override
  public Integer call() throws Exception {
    IngestServer server =
        IngestServer.builder().schema(SensorReading.SCHEMA).sink("print:> ").build().start();
    SensorClient.send(server.localAddress(), new AtomicLong(), 100, 5);
    return 0;
  }
}
