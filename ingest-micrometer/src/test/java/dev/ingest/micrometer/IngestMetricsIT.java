package dev.ingest.micrometer;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.awaitility.Awaitility.waitAtMost;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.ingest.IngestServer;
import dev.ingest.IngestServerBuilder;
import dev.ingest.cleanup.CleanupRegistry;
import dev.ingest.policy.OverflowPolicy;
import dev.ingest.record.Schema;
import dev.ingest.sink.Sink;
import dev.ingest.sink.SinkException;
import dev.ingest.source.Tcp;
import io.micrometer.core.instrument.Tags;
import io.micrometer.prometheusmetrics.PrometheusConfig;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import java.lang.ref.WeakReference;
import java.net.DatagramPacket;
import java.net.DatagramSocket;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Predicate;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The meters of real servers, as Prometheus sees them. */
class IngestMetricsIT {
  private static final Duration SOON = Duration.ofMinutes(2);

  private final PrometheusMeterRegistry registry =
      new PrometheusMeterRegistry(PrometheusConfig.DEFAULT);

  private static IngestServerBuilder builder(Sink sink) {
    return IngestServer.builder()
        .schema(Schema.builder("events").integer("id").build())
        .sink(sink)
        .cleanupRegistry(CleanupRegistry.create());
  }

  private static IngestServer server(Sink sink) throws Exception {
    return builder(sink).bind("127.0.0.1", 0).build().start();
  }

  private static void send(IngestServer server, String... messages) throws Exception {
    try (DatagramSocket socket = new DatagramSocket()) {
      for (String message : messages) {
        byte[] bytes = message.getBytes(UTF_8);
        socket.send(new DatagramPacket(bytes, bytes.length, server.localAddress()));
      }
    }
  }

  private Scrape await(Predicate<Scrape> condition) {
    return waitAtMost(SOON)
        .pollDelay(Duration.ZERO)
        .pollInterval(Duration.ofMillis(1))
        .until(() -> Scrape.of(registry).balanced(), condition);
  }

  @Test
  void each_message_and_record_counts_under_its_outcome(@TempDir Path directory) throws Exception {
    AtomicLong writes = new AtomicLong();
    Sink sink =
        batch -> {
          if (writes.incrementAndGet() == 1) {
            throw SinkException.permanent("made up");
          }
        };
    IngestServer server =
        builder(sink)
            .bind("127.0.0.1", 0)
            .source(Tcp.on("127.0.0.1", 0))
            .deadLetters(directory.resolve("dead"))
            .queueCapacity(99)
            .batchSize(9)
            .build();
    try (server;
        IngestMetrics metrics = new IngestMetrics(server)) {
      metrics.bindTo(registry);
      assertEquals(0, Scrape.of(registry).balanced().value("ingest_messages_received_total"));
      server.start();
      send(server, "{\"id\":1}");
      await(scrape -> scrape.sum("ingest_records_total") == 1);
      send(server, "{\"id\":2}", "{\"id\":\"two\"}", "?", "{}");
      InetSocketAddress tcp = (InetSocketAddress) server.localAddresses().get(1);
      try (Socket client = new Socket(tcp.getAddress(), tcp.getPort())) {
        client.getOutputStream().write("{\"id\":3}\n[{\"id\":4},{}]\n".getBytes(UTF_8));
        await(scrape -> scrape.value("ingest_connections_open") == 1);
      }
      Scrape end =
          await(
              scrape ->
                  scrape.value("ingest_messages_received_total") == 7
                      && scrape.value("ingest_records_queued") == 0
                      && scrape.value("ingest_connections_open") == 0);
      assertEquals(4, end.value("ingest_messages_total{outcome=\"decoded\",reason=\"none\"}"));
      assertEquals(
          1, end.value("ingest_messages_total{outcome=\"rejected\",reason=\"missing_field\"}"));
      assertEquals(
          1, end.value("ingest_messages_total{outcome=\"rejected\",reason=\"wrong_type\"}"));
      assertEquals(0, end.value("ingest_messages_total{outcome=\"ignored\",reason=\"forged\"}"));
      assertEquals(3, end.value("ingest_records_total{outcome=\"persisted\",reason=\"none\"}"));
      assertEquals(1, end.value("ingest_records_total{outcome=\"dead_lettered\",reason=\"none\"}"));
      assertEquals(1, end.value("ingest_records_rejected_total{reason=\"missing_field\"}"));
      assertEquals(1, end.value("ingest_connections_closed_total{reason=\"end_of_stream\"}"));
      assertEquals(1, end.value("ingest_sink_failures_total"));
      assertEquals(0, end.value("ingest_sink_failures_consecutive"));
      assertEquals((double) (writes.get() - 1), end.value("ingest_sink_write_seconds_count"));
      assertTrue(end.value("ingest_sink_write_seconds_sum") > 0, end::toString);
      assertTrue(
          end.value("ingest_sink_write_max_seconds") <= end.value("ingest_sink_write_seconds_sum"),
          end::toString);
      assertEquals(99, end.value("ingest_queue_capacity"));
      assertEquals(1, end.value("ingest_server_status{status=\"running\"}"));
      assertEquals(1, end.sum("ingest_server_status"));
      assertEquals(0, end.value("ingest_queue_oldest_age_seconds"));
      assertEquals(0, end.value("ingest_spool_size_bytes"));
      assertTrue(end.series().containsKey("ingest_kernel_drops_total"), end::toString);
    }
    assertEquals("", registry.scrape());
  }

  @Test
  void the_laws_hold_in_every_scrape_under_load_also_if_several_scrape_at_once() throws Exception {
    AtomicBoolean ended = new AtomicBoolean();
    ExecutorService threads = Executors.newFixedThreadPool(4);
    IngestServer server =
        builder(batch -> {})
            .bind("127.0.0.1", 0)
            .queueCapacity(200)
            .batchSize(50)
            .overflowPolicy(OverflowPolicy.DROP_NEWEST)
            .build()
            .start();
    try (server;
        IngestMetrics metrics = new IngestMetrics(server)) {
      metrics.bindTo(registry);
      Future<?> sender =
          threads.submit(
              () -> {
                while (!ended.get()) {
                  send(server, "{\"id\":1}", "[{\"id\":2},{\"id\":3}]", "?", "{}");
                }
                return null;
              });
      await(scrape -> scrape.value("ingest_messages_received_total") > 0);
      List<Future<Double>> scrapers = new ArrayList<>();
      for (int i = 0; i < 3; i++) {
        scrapers.add(threads.submit(this::scrapeOften));
      }
      for (Future<Double> scraper : scrapers) {
        assertTrue(scraper.get() > 10, "received meanwhile");
      }
      ended.set(true);
      sender.get();
    } finally {
      ended.set(true);
      threads.shutdownNow();
    }
  }

  /** Returns how many messages were received between the first scrape and the last one. */
  private double scrapeOften() {
    String received = "ingest_messages_received_total";
    double before = Scrape.of(registry).balanced().value(received);
    double last = before;
    for (int i = 0; i < 40; i++) {
      double now = Scrape.of(registry).balanced().value(received);
      assertTrue(now >= last, "a counter went down");
      last = now;
    }
    return last - before;
  }

  @Test
  void two_servers_in_one_registry_need_tags() throws Exception {
    try (IngestServer first = server(batch -> {});
        IngestServer second = server(batch -> {});
        IngestMetrics ofFirst = new IngestMetrics(first, Tags.of("server", "a"));
        IngestMetrics ofSecond = new IngestMetrics(second, Tags.of("server", "b"))) {
      ofFirst.bindTo(registry);
      IngestMetrics same = new IngestMetrics(second, Tags.of("server", "a"));
      IllegalStateException e =
          assertThrows(IllegalStateException.class, () -> same.bindTo(registry));
      assertTrue(e.getMessage().contains("tags of its own"), e.getMessage());
      same.close(); // removes nothing of the first one's
      ofSecond.bindTo(registry);
      send(first, "{\"id\":1}");
      send(second, "{\"id\":1}", "{\"id\":2}");
      waitAtMost(SOON)
          .until(
              () -> {
                Scrape scrape = Scrape.of(registry);
                return scrape.value("ingest_messages_received_total{server=\"a\"}") == 1
                    && scrape.value("ingest_messages_received_total{server=\"b\"}") == 2;
              });
    }
  }

  @Test
  void meters_outlive_the_server_and_after_close_nothing_holds_it() throws Exception {
    IngestServer server = server(batch -> {});
    IngestMetrics metrics = new IngestMetrics(server);
    metrics.bindTo(registry);
    send(server, "{\"id\":1}");
    await(scrape -> scrape.sum("ingest_records_total") == 1);
    server.close();
    System.gc(); // the registry alone keeps the meters' object
    assertEquals(1, Scrape.of(registry).balanced().value("ingest_records_decoded_total"));

    WeakReference<IngestServer> gone = new WeakReference<>(server);
    server = null;
    metrics.close();
    assertTrue(registry.getMeters().isEmpty(), registry.getMeters()::toString);
    waitAtMost(SOON)
        .until(
            () -> {
              System.gc();
              return gone.get() == null;
            });
    metrics.close(); // again, which does nothing
  }
}
