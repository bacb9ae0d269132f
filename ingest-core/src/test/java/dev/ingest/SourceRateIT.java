package dev.ingest;

import static dev.ingest.Events.event;
import static dev.ingest.Events.ids;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.ingest.source.DatagramSigner;
import dev.ingest.source.Keys;
import dev.ingest.source.Udp;
import dev.ingest.stats.IgnoreReason;
import dev.ingest.stats.IngestStats;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.DatagramChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Set;
import java.util.logging.Level;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;

@EnabledOnOs(
    value = OS.LINUX,
    disabledReason = "only there are all of 127.0.0.0/8 addresses of this machine")
class SourceRateIT {
  private static final int FLOOD = 20_000;

  @TempDir Path directory;

  private final MemorySink sink = new MemorySink();

  @Test
  void l4_a_sender_that_sends_too_much_is_throttled_and_one_beside_it_loses_nothing()
      throws Exception {
    long ignored;
    Path deadLetters = directory.resolve("dead.ndjson");
    Udp source = Udp.on(0).rate(1_000, 100_000);
    try (Logged warnings = new Logged(Level.WARNING);
        IngestServer server =
            TestServers.builder(sink).source(source).deadLetters(deadLetters).build().start();
        Sender honest = new Sender(server);
        DatagramChannel flooder =
            DatagramChannel.open().bind(new InetSocketAddress("127.0.0.2", 0))) {
      ByteBuffer garbage = ByteBuffer.wrap("x".repeat(100).getBytes(StandardCharsets.US_ASCII));
      for (int sent = 0; sent < FLOOD; sent++) {
        flooder.send(garbage.rewind(), server.localAddress());
        if (sent % 20 == 19) {
          honest.send(event(sent / 20));
          Ledgers.await(server, stats -> stats.messages().received() == honestAndFlood(honest));
        }
      }
      Ledgers.await(server, stats -> stats.records().persisted() == FLOOD / 20);
      assertEquals(ids(0, FLOOD / 20), sink.stored());
      IngestStats stats = server.stats();
      assertEquals(Set.of(IgnoreReason.THROTTLED), stats.messages().ignoredByReason().keySet());
      assertTrue(
          stats.messages().rejected() >= 100_000 / 128 && stats.messages().ignored() > FLOOD / 2,
          stats::toString);
      ignored = stats.messages().ignored();
      warnings.await("127.0.0.2", "THROTTLED: its address has sent more than 1000 bytes a second");
    }
    // What was within the rate was garbage, and that alone is dead-lettered.
    try (var lines = Files.lines(deadLetters)) {
      assertEquals(FLOOD - ignored, lines.count());
    }
  }

  private static long honestAndFlood(Sender honest) {
    return honest.sent() * 21;
  }

  @Test
  void forged_and_repeated_datagrams_do_not_use_up_the_rate_of_a_signed_sender() throws Exception {
    Keys keys = Keys.of(1, new byte[32]);
    DatagramSigner signer = DatagramSigner.of(keys, 1);
    Udp source = Udp.on(0).signed(keys).rate(1, 10_000);
    try (IngestServer server = TestServers.builder(sink).source(source).build().start();
        Sender sender = new Sender(server)) {
      byte[] first = signer.sign(event(0).getBytes(StandardCharsets.US_ASCII));
      byte[] forged = first.clone();
      forged[0]++;
      sender.send(first);
      for (int i = 0; i < 1_000; i++) {
        sender.send(i % 2 == 0 ? forged : first);
        Ledgers.await(server, stats -> stats.messages().received() == sender.sent());
      }
      sender.send(signer.sign(event(1).getBytes(StandardCharsets.US_ASCII)));
      IngestStats stats = Ledgers.await(server, s -> s.messages().received() == 1_002);
      assertEquals(
          Map.of(IgnoreReason.FORGED, 500L, IgnoreReason.REPLAYED, 500L),
          stats.messages().ignoredByReason());
      Ledgers.await(server, s -> s.records().persisted() == 2);
    }
  }
}
