package dev.ingest;

import static dev.ingest.Events.event;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.ingest.source.Udp;
import dev.ingest.source.Unwrap;
import dev.ingest.source.UnwrapException;
import dev.ingest.stats.IngestStats;
import dev.ingest.stats.RejectReason;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.function.Supplier;
import java.util.stream.LongStream;
import java.util.zip.GZIPOutputStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Messages that come in something else. */
class UnwrapIT {
  @TempDir Path directory;

  private final MemorySink sink = new MemorySink();

  private IngestServer start(Supplier<Unwrap> unwrap) throws Exception {
    return TestServers.builder(sink)
        .source(Udp.on(0).unwrap(unwrap))
        .deadLetters(directory.resolve("dead.ndjson"))
        .build()
        .start();
  }

  private static byte[] gzipped(String text) throws IOException {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    try (GZIPOutputStream gzip = new GZIPOutputStream(out)) {
      gzip.write(text.getBytes(UTF_8));
    }
    return out.toByteArray();
  }

  @Test
  void compressed_datagrams_are_decoded_and_others_rejected() throws Exception {
    try (IngestServer server = start(() -> Unwrap.gzip(Unwrap.MAX_BYTES));
        Sender sender = new Sender(server)) {
      sender.send(gzipped(event(1)));
      sender.send(event(2));
      sender.send(gzipped("{\"id\":"));
      sender.send(gzipped(" ".repeat(Unwrap.MAX_BYTES + 1)));
      sender.send(gzipped(Events.array(3, 2_000)));
      IngestStats stats = Ledgers.await(server, s -> s.messages().received() == 5);
      assertEquals(
          Map.of(RejectReason.UNWRAP_FAILED, 2L, RejectReason.MALFORMED_JSON, 1L),
          stats.messages().rejectedByReason());
      Ledgers.await(server, s -> s.records().queued() == 0);
      assertEquals(1, sink.stored().get(0));
      assertEquals(LongStream.range(3, 2_000).boxed().toList(), sink.stored().subList(1, 1_998));
    }
    List<String> letters = Files.readAllLines(directory.resolve("dead.ndjson"));
    assertTrue(letters.get(0).contains("\"detail\":\"as gzip: it has no header"), letters.get(0));
    assertTrue(letters.get(1).contains("\"payload\":\"{\\\"id\\\":\""), letters.get(1));
  }

  @Test
  void floods_of_syslog_are_decoded_whole() throws Exception {
    try (IngestServer server = start(Unwrap::syslog);
        Sender sender = new Sender(server)) {
      for (long id = 0; id < Sender.WINDOW; id++) {
        sender.send("<14>1 - host app - - - " + event(id));
      }
      Ledgers.await(server, s -> s.records().persisted() == Sender.WINDOW);
      assertEquals(LongStream.range(0, Sender.WINDOW).boxed().toList(), sink.stored());
    }
  }

  @Test
  void an_unwrap_of_the_host_that_fails_rejects_the_message_and_nothing_else() throws Exception {
    Unwrap failing =
        message -> {
          return switch (message.get(message.position())) {
            case '0' -> throw new UnwrapException("nought");
            case '1' -> throw new IllegalStateException("one");
            case '2' -> throw new AssertionError("two");
            case '3' -> null;
            default -> message.limit(message.limit() - 1);
          };
        };
    try (IngestServer server = start(() -> failing);
        Sender sender = new Sender(server)) {
      for (String bad : List.of("0", "1", "2", "3")) {
        sender.send(bad);
      }
      sender.send(event(5) + "!");
      sender.send(event(6) + "!");
      Ledgers.await(server, s -> s.records().persisted() == 2);
      assertEquals(
          Map.of(RejectReason.UNWRAP_FAILED, 4L), server.stats().messages().rejectedByReason());
    }
    List<String> letters = Files.readAllLines(directory.resolve("dead.ndjson"));
    assertTrue(letters.get(0).contains("\"detail\":\"nought\",\"payload\":\"0\""), letters.get(0));
    assertTrue(letters.get(1).contains("IllegalStateException: one"), letters.get(1));
    assertTrue(letters.get(3).contains("it returned null"), letters.get(3));
  }
}
