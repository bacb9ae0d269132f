package dev.ingest.examples.page;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assertions.assertFalse;

import com.sun.net.httpserver.HttpServer;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.time.Duration;
import org.junit.jupiter.api.Test;

class EventStreamsTest {
  @Test
  void a_reader_that_does_not_read_is_disconnected_and_holds_up_no_other() throws Exception {
    PageServer.limitClients(); // for the tests that come later in this JVM
    AnswerLimit limit = new AnswerLimit(Duration.ofSeconds(1));
    HttpServer http =
        HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    try (EventStreams streams = new EventStreams(limit, () -> new byte[] {'a'})) {
      http.createContext("/", streams::open);
      http.start();
      try (Socket stuck = connect(http);
          Socket reader = connect(http)) {
        await().atMost(Duration.ofSeconds(60)).until(() -> streams.size() == 2);
        byte[] events = new byte[1 << 20];
        byte[] buffer = new byte[1 << 20];
        reader.setSoTimeout(60_000);
        await()
            .atMost(Duration.ofSeconds(60))
            .pollInterval(Duration.ofMillis(10))
            .until(
                () -> {
                  limit.interruptLate();
                  streams.publish(events.clone());
                  while (reader.getInputStream().available() > 0) {
                    int unused = reader.getInputStream().read(buffer);
                  }
                  return streams.size() == 1;
                });
        assertFalse(stuck.isClosed());
      }
    } finally {
      http.stop(0);
    }
  }

  private static Socket connect(HttpServer http) throws Exception {
    Socket socket = new Socket(http.getAddress().getAddress(), http.getAddress().getPort());
    socket.getOutputStream().write("GET / HTTP/1.1\r\nHost: x\r\n\r\n".getBytes(US_ASCII));
    return socket;
  }
}
