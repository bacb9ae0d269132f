package dev.ingest.bench;

import dev.ingest.IngestServer;
import dev.ingest.examples.Example;
import dev.ingest.record.Schema;
import dev.ingest.sink.Sink;
import dev.ingest.sink.SinkConfig;
import dev.ingest.sqlite.SqliteSinkProvider;
import java.io.BufferedReader;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Parameters;

/**
 * The server that {@link LoadTest} puts under load: SQLite, and the default settings. It prints its
 * target. When it reads {@code start} it begins to record latencies, and when it reads {@code stop}
 * it prints them. It ends when standard input ends, so also when the load test is killed.
 */
@Command(name = "LoadTestServer", description = "The server that LoadTest puts under load.")
final class LoadTestServer implements Callable<Integer> {
  @Parameters(index = "0", paramLabel = "SINK", description = "The sink's URI.")
  private String uri = "";

  @Parameters(index = "1", paramLabel = "SHAPE", description = "The shape of the records.")
  private RecordShape shape = RecordShape.SENSOR;

  @Parameters(index = "2", paramLabel = "SOURCE", description = "The kind of the source.")
  private SourceKind source = SourceKind.UDP;

  @Parameters(index = "3", paramLabel = "PATH", description = "Where its Unix socket is to be.")
  private Path socket = Path.of("");

  private LoadTestServer() {}

  /**
   * Runs until standard input ends.
   *
   * @param args see {@code --help}
   */
  public static void main(String[] args) {
    Example.run(new LoadTestServer(), args);
  }

  @Override
  public Integer call() throws Exception {
    Schema schema = shape.schema();
    Sink sqlite = new SqliteSinkProvider().create(SinkConfig.parse(uri));
    LatencySink sink = new LatencySink(sqlite, schema.indexOf("ingested_at"));
    try (IngestServer server =
            IngestServer.builder()
                .schema(schema)
                .sink(sink)
                .source(source.source(socket))
                .build()
                .start();
        BufferedReader lines =
            new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8))) {
      System.out.println("listening on " + source.target(server.localAddresses().get(0)));
      String line;
      while ((line = lines.readLine()) != null) {
        if (line.equals("start")) {
          sink.start();
          System.out.println("recording");
        } else {
          System.out.println(sink.stop());
        }
      }
    }
    return 0;
  }
}
