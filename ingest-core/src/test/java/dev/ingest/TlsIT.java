package dev.ingest;

import static dev.ingest.Events.ids;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.ingest.source.Tcp;
import dev.ingest.stats.DisconnectReason;
import dev.ingest.stats.IngestStats;
import java.io.IOException;
import java.io.OutputStream;
import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.security.KeyStore;
import java.util.Map;
import java.util.logging.Level;
import javax.net.ssl.KeyManager;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLParameters;
import javax.net.ssl.SSLSocket;
import javax.net.ssl.TrustManagerFactory;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class TlsIT {
  private static final char[] PASSWORD = "password".toCharArray();

  @TempDir static Path directory;

  /** With a key, which each of them trusts. */
  private static SSLContext known;

  /** With trust in that key alone. */
  private static SSLContext anonymous;

  private final MemorySink sink = new MemorySink();

  @BeforeAll
  static void makeKey() throws Exception {
    Path file = directory.resolve("key.p12");
    Process keytool =
        new ProcessBuilder(
                Path.of(System.getProperty("java.home"), "bin", "keytool").toString(),
                "-genkeypair",
                "-alias",
                "key",
                "-keyalg",
                "EC",
                "-dname",
                "CN=localhost",
                "-keystore",
                file.toString(),
                "-storepass",
                new String(PASSWORD))
            .redirectErrorStream(true)
            .redirectOutput(directory.resolve("keytool.txt").toFile())
            .start();
    assertEquals(0, keytool.waitFor());
    KeyStore store = KeyStore.getInstance(file.toFile(), PASSWORD);
    KeyManagerFactory keys = KeyManagerFactory.getInstance("PKIX");
    keys.init(store, PASSWORD);
    KeyStore trusted = KeyStore.getInstance("PKCS12");
    trusted.load(null, null);
    trusted.setCertificateEntry("key", store.getCertificate("key"));
    TrustManagerFactory trust = TrustManagerFactory.getInstance("PKIX");
    trust.init(trusted);
    known = SSLContext.getInstance("TLS");
    known.init(keys.getKeyManagers(), trust.getTrustManagers(), null);
    anonymous = SSLContext.getInstance("TLS");
    anonymous.init(new KeyManager[0], trust.getTrustManagers(), null);
  }

  private IngestServer start(Tcp source) throws Exception {
    return TestServers.builder(sink).source(source).build().start();
  }

  private IngestServer start() throws Exception {
    return start(Tcp.on(0).tls(known));
  }

  private static SSLSocket connect(SSLContext context, IngestServer server, String... protocols)
      throws IOException {
    InetSocketAddress address = (InetSocketAddress) server.localAddresses().get(0);
    SSLSocket socket =
        (SSLSocket)
            context.getSocketFactory().createSocket(address.getAddress(), address.getPort());
    if (protocols.length > 0) {
      socket.setEnabledProtocols(protocols);
    }
    return socket;
  }

  private static void sendEvents(SSLSocket socket, long from, long to) throws IOException {
    StringBuilder lines = new StringBuilder();
    for (long id = from; id < to; id++) {
      lines.append(Events.event(id)).append('\n');
    }
    OutputStream out = socket.getOutputStream();
    out.write(lines.toString().getBytes(UTF_8));
    out.flush();
  }

  private static IngestStats awaitFailed(IngestServer server, int failed) {
    return Ledgers.await(
        server,
        stats ->
            stats.connections().closedByReason().getOrDefault(DisconnectReason.TLS_FAILED, 0L)
                == failed);
  }

  @ParameterizedTest
  @ValueSource(strings = {"TLSv1.3", "TLSv1.2"})
  void all_that_clients_send_is_stored(String protocol) throws Exception {
    try (IngestServer server = start()) {
      for (int i = 0; i < 4; i++) { // later ones may resume the session
        try (SSLSocket socket = connect(anonymous, server, protocol)) {
          sendEvents(socket, i * 50_000L, (i + 1) * 50_000L);
          assertEquals(protocol, socket.getSession().getProtocol());
        }
      }
      IngestStats stats = Ledgers.await(server, s -> s.records().persisted() == 200_000);
      assertEquals(ids(0, 200_000), sink.stored());
      Ledgers.await(
          server,
          s -> s.connections().closedByReason().equals(Map.of(DisconnectReason.END_OF_STREAM, 4L)));
      assertEquals(0, stats.messages().rejected());
    }
  }

  @Test
  void a_connection_that_ends_without_close_notify_loses_nothing() throws Exception {
    try (IngestServer server = start();
        Client plain = new Client(server);
        SSLSocket socket =
            (SSLSocket)
                anonymous
                    .getSocketFactory()
                    .createSocket(plain.channel().socket(), "localhost", 1, false)) {
      sendEvents(socket, 0, 1_000);
      plain.endOutput();
      Ledgers.await(server, stats -> stats.records().persisted() == 1_000);
      Ledgers.await(server, stats -> stats.connections().closed() == 1);
    }
  }

  @Test
  void the_close_tells_clients_and_stores_what_they_have_sent() throws Exception {
    IngestServer server = start();
    try (SSLSocket socket = connect(anonymous, server)) {
      sendEvents(socket, 0, 10);
      Ledgers.await(server, stats -> stats.records().persisted() == 10);
      server.close();
      assertEquals(-1, socket.getInputStream().read()); // without close_notify it would throw
    }
  }

  @Test
  void what_is_no_tls_is_closed_and_counted() throws Exception {
    try (Logged warnings = new Logged(Level.WARNING);
        IngestServer server = start();
        Client plain = new Client(server)) {
      plain.sendEvents(0, 10);
      plain.awaitClosed();
      IngestStats stats = awaitFailed(server, 1);
      assertEquals(0, stats.messages().received());
      warnings.await("TLS_FAILED: ");
    }
  }

  @Test
  void a_handshake_that_stalls_holds_up_nobody_and_is_ended() throws Exception {
    try (IngestServer server = start();
        Client stalled = new Client(server).send(new byte[] {22});
        SSLSocket socket = connect(anonymous, server)) {
      sendEvents(socket, 0, 1_000);
      Ledgers.await(server, stats -> stats.records().persisted() == 1_000);
      stalled.awaitClosed();
      awaitFailed(server, 1);
      sendEvents(socket, 1_000, 2_000);
      Ledgers.await(server, stats -> stats.records().persisted() == 2_000);
    }
  }

  @Test
  void clients_need_a_certificate_if_the_parameters_say_so() throws Exception {
    SSLParameters parameters = known.getDefaultSSLParameters();
    parameters.setNeedClientAuth(true);
    try (IngestServer server = start(Tcp.on(0).tls(known, parameters))) {
      try (SSLSocket socket = connect(anonymous, server)) {
        assertThrows(
            IOException.class,
            () -> {
              sendEvents(socket, 0, 1);
              socket.getInputStream().read();
            });
      }
      awaitFailed(server, 1);
      try (SSLSocket socket = connect(known, server)) {
        sendEvents(socket, 0, 10);
        Ledgers.await(server, stats -> stats.records().persisted() == 10);
      }
    }
  }

  @Test
  void a_client_that_renegotiates_is_closed() throws Exception {
    try (IngestServer server = start();
        SSLSocket socket = connect(anonymous, server, "TLSv1.2")) {
      sendEvents(socket, 0, 10);
      Ledgers.await(server, stats -> stats.records().persisted() == 10);
      assertThrows(IOException.class, () -> again(socket));
      awaitFailed(server, 1);
    }
  }

  private static void again(SSLSocket socket) throws IOException {
    socket.startHandshake();
    while (socket.getInputStream().read() >= 0) {
      sendEvents(socket, 0, 1);
    }
    throw new IOException("closed");
  }

  @Test
  void a_client_may_change_its_keys_but_not_all_the_time() throws Exception {
    try (IngestServer server = start();
        SSLSocket socket = connect(anonymous, server, "TLSv1.3")) {
      for (int i = 0; i < 50; i++) {
        sendEvents(socket, i, i + 1);
        socket.startHandshake(); // with TLS 1.3: a key update
      }
      Ledgers.await(server, stats -> stats.records().persisted() == 50);
      assertThrows(
          IOException.class,
          () -> {
            while (true) {
              socket.startHandshake();
            }
          });
      awaitFailed(server, 1);
    }
  }

  @Test
  void a_context_that_is_not_initialized_is_refused() throws Exception {
    SSLContext empty = SSLContext.getInstance("TLS");
    IllegalStateException e = assertThrows(IllegalStateException.class, () -> Tcp.on(0).tls(empty));
    assertTrue(e.getMessage().contains("not initialized"), e::getMessage);
    SSLParameters old = new SSLParameters(null, new String[] {"TLSv1"});
    IOException noProtocol =
        assertThrows(IOException.class, () -> start(Tcp.on(0).tls(known, old)));
    assertTrue(noProtocol.getMessage().contains("[TLSv1]"), noProtocol::getMessage);
  }
}
