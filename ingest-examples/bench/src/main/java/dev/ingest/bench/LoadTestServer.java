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
import java.util.Locale;

/**
 * The server that {@link LoadTest} puts under load: SQLite, and the default settings. It prints its
 * target. When it reads {@code start} it begins to record latencies, and when it reads {@code stop}
 * it prints them. It ends when standard input ends, so also when the load test is killed.
 */
final class LoadTestServer {
  private LoadTestServer() {}

  /**
   * Runs until standard input ends.
   *
   * @param args the sink's URI, the shape of the records, the kind of the source, and where its
   *     Unix socket is to be
   * @throws Exception if it cannot be started
   */
  public static void main(String[] args) throws Exception {
    Schema schema = RecordShape.valueOf(args[1].toUpperCase(Locale.ROOT)).schema();
    Sink sqlite = new SqliteSinkProvider().create(SinkConfig.parse(args[0]));
    LatencySink sink = new LatencySink(sqlite, schema.indexOf("ingested_at"));
    SourceKind source = SourceKind.valueOf(args[2]);
    try (IngestServer server =
            IngestServer.builder()
                .schema(schema)
                .sink(sink)
                .source(source.source(Path.of(args[3])))
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
    } catch (Exception e) {
      if (!Example.isExiting()) { // else a signal has come during the start
        throw e;
      }
    }
  }
}
