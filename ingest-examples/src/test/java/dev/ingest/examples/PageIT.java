package dev.ingest.examples;

import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.ingest.testing.ChildJvm;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The page of a server in a process of its own. */
class PageIT {
  private static final Duration PATIENCE = Duration.ofSeconds(60);

  @TempDir Path directory;

  private final HttpClient client = HttpClient.newHttpClient();

  @Test
  void shows_the_numbers_and_forbids_the_page_everything_but_its_own_style_and_script()
      throws Exception {
    try (ChildJvm server = start("--tcp", "127.0.0.1:0", "--http", "0")) {
      String url = url(server);
      int port = Integer.parseInt(server.awaitOut("tcp://127.0.0.1:(\\d+)").group(1));
      Lines.send(port, 0, 25);
      await()
          .atMost(PATIENCE)
          .until(
              () ->
                  get(url + "metrics")
                      .body()
                      .contains(
                          "ingest_records_total{outcome=\"persisted\",reason=\"none\"} 25.0\n"));
      HttpResponse<String> page = get(url);
      assertEquals(200, page.statusCode());
      assertTrue(page.body().contains("<dd data-n=\"persisted\">25</dd>"), page::body);
      String policy = page.headers().firstValue("Content-Security-Policy").orElse("");
      assertTrue(
          policy.matches(
              "default-src 'none'; connect-src 'self'; style-src 'sha256-\\S+'; script-src"
                  + " 'sha256-\\S+'; .*frame-ancestors 'none'"),
          policy);
      assertEquals("nosniff", page.headers().firstValue("X-Content-Type-Options").orElse(""));
      assertEquals(
          "text/plain; version=0.0.4; charset=utf-8",
          get(url + "metrics").headers().firstValue("Content-Type").orElse(""));
      assertEquals("200 {\"status\":\"RUNNING\",\"failure\":null}", statusAndBody(url + "health"));
    }
  }

  @Test
  void a_sink_that_fails_leaves_it_healthy_and_ready_and_shows_why() throws Exception {
    try (ChildJvm server =
        start(
            "--sink", "sqlite:no/such.db", "--spool", "s", "--start-without-sink", "--http", "0")) {
      String url = url(server);
      await()
          .atMost(PATIENCE)
          .until(
              () ->
                  get(url + "health")
                      .body()
                      .contains("\"status\":\"SINK_FAILING\",\"failure\":\""));
      assertEquals(200, get(url + "health").statusCode());
      assertEquals(200, get(url + "ready").statusCode());
    }
  }

  @Test
  void while_it_drains_it_is_healthy_and_not_ready() throws Exception {
    try (ChildJvm server = start("--tcp", "127.0.0.1:0", "--http", "0", "--drain-timeout", "60")) {
      String url = url(server);
      int port = Integer.parseInt(server.awaitOut("tcp://127.0.0.1:(\\d+)").group(1));
      try (Connection locker =
              DriverManager.getConnection("jdbc:sqlite:" + directory.resolve("sensors.db"));
          Statement statement = locker.createStatement()) {
        statement.execute("BEGIN IMMEDIATE");
        Lines.send(port, 0, 25);
        await().atMost(PATIENCE).until(() -> get(url).body().contains("data-n=\"queued\">25<"));
        assertEquals(200, get(url + "ready").statusCode());
        server.signal("TERM");
        await().atMost(PATIENCE).until(() -> get(url + "ready").statusCode() == 503);
        assertTrue(get(url + "ready").body().contains("\"status\":\"CLOSING\""));
        assertEquals(200, get(url + "health").statusCode());
        statement.execute("ROLLBACK");
      }
      assertEquals(143, server.exitStatus(), server::toString);
      server.awaitOut("25 decoded \\+ 0 recovered = 25 persisted");
    }
  }

  @Test
  void a_port_that_is_taken_is_one_line_and_status_1() throws Exception {
    try (ServerSocket taken = new ServerSocket(0, 1, InetAddress.getLoopbackAddress());
        ChildJvm server = start("--http", Integer.toString(taken.getLocalPort()))) {
      assertEquals(1, server.exitStatus());
      List<String> lines = server.errLinesOfProgram();
      assertEquals(1, lines.size(), server::toString);
      assertTrue(
          lines
              .get(0)
              .startsWith("error: cannot bind HTTP 127.0.0.1:" + taken.getLocalPort() + ": "),
          server::toString);
    }
  }

  private ChildJvm start(String... more) {
    List<String> args = new ArrayList<>(List.of("--bind", "127.0.0.1:0"));
    args.addAll(List.of(more));
    return ExamplesJar.start(directory, SensorServer.class, args.toArray(String[]::new));
  }

  /** Returns where the page is, once the server has started. */
  private static String url(ChildJvm server) {
    String url = server.awaitOut("page at (http://127\\.0\\.0\\.1:\\d+/)").group(1);
    server.awaitOut("listening on");
    return url;
  }

  private HttpResponse<String> get(String url) throws Exception {
    return client.send(
        HttpRequest.newBuilder(URI.create(url)).timeout(PATIENCE).build(), BodyHandlers.ofString());
  }

  private String statusAndBody(String url) throws Exception {
    HttpResponse<String> response = get(url);
    return response.statusCode() + " " + response.body();
  }
}
