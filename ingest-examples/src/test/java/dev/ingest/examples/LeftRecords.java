package dev.ingest.examples;

import static org.awaitility.Awaitility.await;

import dev.ingest.IngestServer;
import dev.ingest.IngestServerBuilder;
import dev.ingest.cleanup.CleanupRegistry;
import dev.ingest.policy.JournalSync;
import dev.ingest.policy.Spooling;
import dev.ingest.record.Schema;
import dev.ingest.sink.Sink;
import dev.ingest.sink.SinkException;
import dev.ingest.source.Tcp;
import dev.ingest.source.Udp;
import java.nio.file.Path;
import java.time.Duration;

/** Real servers that leave records in a spool and a dead-letter file. */
final class LeftRecords {
  static final String SPOOL = "spool";
  static final String LETTERS = "dead.ndjson";
  static final Sink FAILS =
      batch -> {
        throw SinkException.retryable("it is down");
      };
  static final Sink REFUSES =
      batch -> {
        throw SinkException.permanent("it does not want this");
      };

  private static final Duration LIMIT = Duration.ofMinutes(2);

  private LeftRecords() {}

  static IngestServerBuilder server(Schema schema, Sink sink) {
    return IngestServer.builder()
        .schema(schema)
        .sink(sink)
        .source(Tcp.on(0))
        .source(Udp.on(0))
        .cleanupRegistry(CleanupRegistry.create())
        .drainTimeout(Duration.ofMillis(100));
  }

  /** Has a server leave readings in the spool, and another one refuse readings. */
  static void leave(Path directory, int spooled, int refused) throws Exception {
    try (IngestServer server =
        server(SensorReading.SCHEMA, FAILS)
            .spool(Spooling.in(directory.resolve(SPOOL)).journal(JournalSync.NEVER))
            .build()
            .start()) {
      Lines.send(server.localAddress().getPort(), 0, spooled);
      await().atMost(LIMIT).until(() -> server.stats().records().decoded() == spooled);
    }
    try (IngestServer server =
        server(SensorReading.SCHEMA, REFUSES)
            .deadLetters(directory.resolve(LETTERS))
            .build()
            .start()) {
      Lines.send(server.localAddress().getPort(), spooled, spooled + refused);
      await().atMost(LIMIT).until(() -> server.stats().records().deadLettered() == refused);
    }
  }
}
