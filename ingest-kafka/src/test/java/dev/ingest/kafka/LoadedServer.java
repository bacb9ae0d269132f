package dev.ingest.kafka;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.ingest.IngestServer;
import dev.ingest.cleanup.CleanupRegistry;
import dev.ingest.kafka.testing.KafkaBroker;
import dev.ingest.kafka.testing.Topic;
import dev.ingest.policy.JournalSync;
import dev.ingest.policy.RetryPolicy;
import dev.ingest.policy.Spooling;
import dev.ingest.record.Schema;
import dev.ingest.sink.Sink;
import dev.ingest.stats.IngestStats;
import java.io.IOException;
import java.net.DatagramPacket;
import java.net.DatagramSocket;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.function.Predicate;
import java.util.stream.LongStream;
import org.awaitility.Awaitility;

/** A server with a journal, and what sends numbered records to it. */
final class LoadedServer implements AutoCloseable {
  static final Schema SCHEMA = Schema.builder("events").integer("id").build();

  private static final Duration LIMIT = Duration.ofMinutes(2);

  /** As many small datagrams fit a receive buffer of 208 KiB, the default limit of Linux. */
  private static final int WINDOW = 128;

  private final WatchedSink sink;
  private final IngestServer server;
  private final DatagramSocket socket;
  private long sent;

  LoadedServer(Sink sink, Path directory) throws Exception {
    this.sink = new WatchedSink(sink);
    this.server =
        IngestServer.builder()
            .schema(SCHEMA)
            .sink(this.sink)
            .spool(Spooling.in(directory.resolve("spool")).journal(JournalSync.NEVER))
            .deadLetters(directory.resolve("dead.ndjson"))
            .retryPolicy(
                RetryPolicy.builder()
                    .firstDelay(Duration.ofMillis(10))
                    .maxDelay(Duration.ofMillis(100))
                    .build())
            .startWithoutSink(true)
            .drainTimeout(LIMIT)
            .cleanupRegistry(CleanupRegistry.create())
            .build();
    server.start();
    this.socket = new DatagramSocket();
  }

  /** Sends records of so many numbers, at the pace at which the server receives them. */
  void send(long from, long to) throws IOException {
    for (long id = from; id < to; id++) {
      byte[] bytes = ("{\"id\":" + id + "}").getBytes(UTF_8);
      socket.send(new DatagramPacket(bytes, bytes.length, server.localAddress()));
      sent++;
      if (sent % WINDOW == 0 || id + 1 == to) {
        await(stats -> stats.messages().received() >= sent);
      }
    }
  }

  IngestStats await(Predicate<IngestStats> condition) {
    return Awaitility.waitAtMost(LIMIT)
        .pollDelay(Duration.ZERO)
        .pollInterval(Duration.ofMillis(1))
        .until(server::stats, condition);
  }

  /** Waits until the sink fails with a message that has such a part. */
  void awaitFailure(String part) {
    await(stats -> sink.failure().contains(part));
  }

  IngestStats stats() {
    return server.stats();
  }

  @Override
  public void close() {
    try (socket) {
      server.close();
    }
  }

  /** Returns the numbers of the records in a topic, in ascending order. */
  static List<Long> ids(KafkaBroker broker, String topic) {
    return new Topic(broker, topic)
        .values().stream()
            .map(value -> Long.valueOf(value.replaceAll("[^0-9]", "")))
            .sorted()
            .toList();
  }

  static List<Long> ids(long from, long to) {
    return LongStream.range(from, to).boxed().toList();
  }
}
