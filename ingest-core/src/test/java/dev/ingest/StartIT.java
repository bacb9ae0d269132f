package dev.ingest;

import static dev.ingest.Events.event;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.ingest.cleanup.CleanupRegistry;
import dev.ingest.record.Schema;
import dev.ingest.sink.SinkException;
import dev.ingest.testing.Network;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Set;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicReference;
import java.util.stream.Collectors;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Starts that fail, and what they must not leave behind. */
class StartIT {
  @TempDir Path directory;
  private final CleanupRegistry registry = CleanupRegistry.create();
  private Set<Thread> threadsBefore;
  private int port;

  @BeforeEach
  void look() throws IOException {
    threadsBefore = ingestThreads();
    port = Network.unusedPort();
  }

  private static Set<Thread> ingestThreads() {
    return Thread.getAllStackTraces().keySet().stream()
        .filter(thread -> thread.getName().startsWith("ingest-"))
        .filter(thread -> !thread.getName().equals("ingest-log")) // all servers', ends by itself
        .collect(Collectors.toSet());
  }

  private IngestServerBuilder builder() {
    return TestServers.builder(new MemorySink())
        .bind(port)
        .deadLetters(directory.resolve("dead.ndjson"))
        .cleanupRegistry(registry);
  }

  /** Neither thread nor registration is left, and a second server gets the port and the file. */
  private void assertNothingLeft() throws Exception {
    Set<Thread> threads = ingestThreads();
    threads.removeAll(threadsBefore);
    assertEquals(Set.of(), threads);
    assertEquals(0, registry.size());
    try (IngestServer next = builder().cleanupRegistry(CleanupRegistry.create()).build().start()) {
      assertEquals(port, next.localAddress().getPort());
    }
  }

  static MemorySink failingToOpen(Throwable failure) {
    return new MemorySink() {
      @Override
      public synchronized void open(Schema schema) {
        super.open(schema);
        throw StartIT.<RuntimeException>sneaky(failure);
      }
    };
  }

  @SuppressWarnings({"unchecked", "TypeParameterUnusedInFormals"})
  private static <T extends Throwable> T sneaky(Throwable failure) throws T {
    throw (T) failure;
  }

  @Test
  void s1_a_sink_exception_of_open_is_thrown_unchanged() throws Exception {
    SinkException failure = SinkException.permanent("no such table");
    MemorySink sink = failingToOpen(failure);
    IngestServer server = builder().sink(sink).build();
    assertSame(failure, assertThrows(SinkException.class, server::start));
    assertEquals(1, sink.opened());
    assertEquals(0, sink.closed());
    assertNothingLeft();
  }

  @ParameterizedTest
  @ValueSource(classes = {IllegalStateException.class, IOException.class, AssertionError.class})
  void s1_whatever_else_open_throws_is_the_cause_of_a_sink_exception(
      Class<? extends Throwable> kind) throws Exception {
    IngestServer server =
        builder().sink(failingToOpen(kind.getDeclaredConstructor().newInstance())).build();
    SinkException e = assertThrows(SinkException.class, server::start);
    assertInstanceOf(kind, e.getCause());
    assertTrue(e.getMessage().contains(kind.getName()), e.getMessage());
    assertNothingLeft();
  }

  @Test
  void a_taken_port_is_named_and_the_sink_is_closed_again() throws Exception {
    MemorySink sink = new MemorySink();
    try (DatagramSocket other = new DatagramSocket(port, InetAddress.getLoopbackAddress())) {
      IngestServer server = builder().sink(sink).build();
      IOException e = assertThrows(IOException.class, server::start);
      String address = InetAddress.getLoopbackAddress().getHostAddress() + ":" + port;
      assertTrue(e.getMessage().contains(address), e.getMessage());
      assertEquals(port, other.getLocalPort());
    }
    assertEquals(1, sink.opened());
    assertEquals(1, sink.closed());
    assertNothingLeft();
  }

  @ParameterizedTest
  @ValueSource(strings = {"no-such-host.invalid", "192.0.2.1", "2001:db8::1"})
  void an_address_of_another_machine_is_named(String host) throws Exception {
    IngestServer server = builder().bind(host, 7).build();
    IOException e = assertThrows(IOException.class, server::start);
    String shown = host.replace("2001:db8::1", "[2001:db8:0:0:0:0:0:1]") + ":7";
    assertTrue(e.getMessage().contains(shown), e.getMessage());
    assertNothingLeft();
  }

  @Test
  void a_dead_letter_file_that_is_a_directory_is_named() throws Exception {
    MemorySink sink = new MemorySink();
    IngestServer server = builder().sink(sink).deadLetters(directory).build();
    IOException e = assertThrows(IOException.class, server::start);
    assertTrue(e.getMessage().contains(directory.toString()), e.getMessage());
    assertEquals(0, sink.opened());
    assertNothingLeft();
  }

  @Test
  void a_dead_letter_file_of_another_server_is_named_and_left_to_it() throws Exception {
    Path file = directory.resolve("shared.ndjson");
    try (IngestServer first = builder().deadLetters(file).build().start();
        Sender sender = new Sender(first)) {
      IngestServer second = builder().deadLetters(file).build();
      IOException e = assertThrows(IOException.class, second::start);
      assertTrue(e.getMessage().contains(file.toString()), e.getMessage());
      sender.send("bad");
      Ledgers.await(first, stats -> stats.messages().rejected() == 1);
    }
    assertEquals(1, Files.readAllLines(file).size());
    assertNothingLeft();
  }

  @Test
  void a_closed_registry_refuses_the_server() throws Exception {
    MemorySink sink = new MemorySink();
    registry.close();
    IngestServer server = builder().sink(sink).build();
    assertThrows(IllegalStateException.class, server::start);
    assertEquals(0, sink.opened());
    assertNothingLeft();
  }

  @Test
  void an_interrupt_of_the_start_reaches_the_sink_that_is_being_opened() throws Exception {
    CountDownLatch opening = new CountDownLatch(1);
    MemorySink sink =
        new MemorySink() {
          @Override
          public synchronized void open(Schema schema) {
            opening.countDown();
            try {
              new CountDownLatch(1).await();
            } catch (InterruptedException e) {
              throw new IllegalStateException(e);
            }
          }
        };
    IngestServer server = builder().sink(sink).build();
    AtomicReference<Throwable> failure = new AtomicReference<>();
    Thread starter =
        new Thread(() -> failure.set(assertThrows(InterruptedIOException.class, server::start)));
    starter.start();
    opening.await();
    starter.interrupt();
    TestServers.join(starter); // much sooner than the drain timeout
    assertInstanceOf(InterruptedIOException.class, failure.get());
    assertNothingLeft();
  }

  @Test
  void a_server_is_started_once() throws Exception {
    IngestServer server = builder().build();
    try (server) {
      server.start();
      assertThrows(IllegalStateException.class, server::start);
      try (Sender sender = new Sender(server)) {
        sender.send(event(1)); // the second start has done no harm
        Ledgers.await(server, stats -> stats.records().persisted() == 1);
      }
    }
    assertThrows(IllegalStateException.class, server::start);
    assertNothingLeft();
  }

  @Test
  void a_failed_server_stays_closed() throws Exception {
    IngestServer server = builder().sink(failingToOpen(new IOException("disk"))).build();
    assertThrows(SinkException.class, server::start);
    assertThrows(IllegalStateException.class, server::start);
    server.close();
    server.awaitClose();
    assertThrows(IllegalStateException.class, server::localAddress);
    assertEquals(0, Ledgers.balanced(server.stats()).messages().received());
  }
}
