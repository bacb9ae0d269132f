package host;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.ingest.IngestServer;
import dev.ingest.jdbc.JdbcSinkProvider;
import dev.ingest.record.Schema;
import dev.ingest.sink.Sink;
import dev.ingest.sink.SinkConfig;
import java.io.BufferedReader;
import java.io.InputStreamReader;
import java.io.PrintWriter;
import java.sql.DriverManager;
import java.util.logging.ConsoleHandler;
import java.util.logging.Level;
import java.util.logging.Logger;

/**
 * Prints all that there is to print of sinks, whose URIs are read from standard input: what all
 * loggers log at their finest level, what the driver's manager notes, the failures with their
 * causes and stack traces, the sinks and their providers as text.
 */
public final class PasswordProgram {
  private static final Schema SCHEMA = Schema.builder("t").integer("i").build();

  private PasswordProgram() {}

  public static void main(String[] args) throws Exception {
    Logger root = Logger.getLogger("");
    ConsoleHandler handler = new ConsoleHandler();
    handler.setLevel(Level.ALL);
    root.addHandler(handler);
    root.setLevel(Level.ALL);
    DriverManager.setLogWriter(new PrintWriter(System.out, true, UTF_8));
    BufferedReader in = new BufferedReader(new InputStreamReader(System.in, UTF_8));
    for (String uri = in.readLine(); !uri.isEmpty(); uri = in.readLine()) {
      serve(uri);
    }
    System.out.println("all were tried");
  }

  private static void serve(String uri) {
    try {
      SinkConfig config = SinkConfig.parse(uri);
      System.out.println(config);
      Sink sink = new JdbcSinkProvider().create(config);
      System.out.println(sink);
      try (IngestServer server = IngestServer.builder().schema(SCHEMA).sink(uri).build()) {
        System.out.println(server);
        server.start();
        System.out.println("started " + server.stats());
        for (Thread thread : Thread.getAllStackTraces().keySet()) {
          System.out.println(thread);
        }
      }
    } catch (Exception e) {
      e.printStackTrace(System.out);
    }
  }
}
