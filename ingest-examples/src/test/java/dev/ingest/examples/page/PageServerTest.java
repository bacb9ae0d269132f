package dev.ingest.examples.page;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.ingest.IngestServer;
import dev.ingest.record.Schema;
import dev.ingest.sink.Sink;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.SocketException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What the page answers on loopback, before its server has started. */
class PageServerTest {
  private final List<Socket> sockets = new ArrayList<>();
  private PageServer page;

  @BeforeEach
  void start() throws IOException {
    Sink sink = batch -> {};
    IngestServer server =
        IngestServer.builder()
            .schema(Schema.builder("t").integer("a").build())
            .bind("127.0.0.1", 0)
            .sink(sink)
            .build();
    InetSocketAddress any = new InetSocketAddress(InetAddress.getLoopbackAddress(), 0);
    page = PageServer.start(any, server, () -> new Rejects("", List.of()));
  }

  @AfterEach
  void stop() throws IOException {
    page.close();
    for (Socket socket : sockets) {
      socket.close();
    }
  }

  @ParameterizedTest
  @CsvSource({
    "GET / HTTP/1.1, localhost, 200",
    "GET / HTTP/1.1, 127.0.0.1:80, 200",
    "GET / HTTP/1.1, '[::1]:80', 200",
    "HEAD / HTTP/1.1, localhost, 200",
    "HEAD /events HTTP/1.1, localhost, 200",
    "GET /health HTTP/1.1, localhost, 200",
    "GET /ready HTTP/1.1, localhost, 503",
    "GET / HTTP/1.1, evil.example, 403",
    "GET /events HTTP/1.1, 127.0.0.1.evil.example, 403",
    "GET /metrics HTTP/1.1, localhost:80@evil.example, 403",
    "GET / HTTP/1.0, , 403",
    "POST / HTTP/1.1, localhost, 405",
    "OPTIONS /events HTTP/1.1, localhost, 405",
    "GET /nosuch HTTP/1.1, localhost, 404",
    "GET /..%2f..%2fetc/passwd HTTP/1.1, localhost, 404",
    "GET /health/ HTTP/1.1, localhost, 404"
  })
  void answers_get_and_head_of_what_there_is_for_hosts_of_loopback(
      String request, String host, int status) throws IOException {
    Socket socket =
        send(request + "\r\n" + (host == null ? "" : "Host: " + host + "\r\n") + "\r\n");
    assertEquals(status, status(socket));
  }

  @Test
  void clients_that_never_end_their_requests_and_streams_that_stay_leave_room_for_others()
      throws IOException {
    for (int i = 0; i < EventStreams.MOST; i++) {
      assertEquals(200, status(send("GET /events HTTP/1.1\r\nHost: localhost\r\n\r\n")));
    }
    assertEquals(503, status(send("GET /events HTTP/1.1\r\nHost: localhost\r\n\r\n")));
    String head = "GET / HTTP/1.1\r\nHost: localhost\r\n";
    for (String unfinished : List.of("GET / HT", head + "Content-Length: 9\r\n\r\n", head, "")) {
      for (int i = 0; i < PageServer.ANSWER_THREADS; i++) {
        send(unfinished);
      }
    }
    // A request that had to wait may be cut off with the others, and is tried again.
    await()
        .atMost(Duration.ofSeconds(60))
        .ignoreException(SocketException.class)
        .until(() -> status(send("GET /health HTTP/1.1\r\nHost: localhost\r\n\r\n")) == 200);
  }

  @Test
  void what_a_server_says_stands_in_the_page_as_text() {
    String text =
        new String(
            new PageText().with(Map.of("failure", "<script>\"$1\"</script>&{{status}}")), UTF_8);
    assertTrue(
        text.contains(
            "<p id=\"failure\">&lt;script&gt;&quot;$1&quot;&lt;/script&gt;&amp;{{status}}</p>"),
        text);
  }

  private Socket send(String request) throws IOException {
    Socket socket = new Socket(page.address().getAddress(), page.address().getPort());
    sockets.add(socket);
    socket.setSoTimeout(60_000);
    socket.getOutputStream().write(request.getBytes(UTF_8));
    return socket;
  }

  private static int status(Socket socket) throws IOException {
    String line = new String(socket.getInputStream().readNBytes(12), UTF_8);
    if (line.isEmpty()) {
      throw new SocketException("closed without an answer");
    }
    return Integer.parseInt(line.substring("HTTP/1.1 ".length()));
  }
}
