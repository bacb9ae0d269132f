package dev.ingest;

import static dev.ingest.Events.event;
import static dev.ingest.Events.ids;
import static dev.ingest.Events.sorted;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.ingest.source.DatagramSigner;
import dev.ingest.source.Keys;
import dev.ingest.source.Udp;
import dev.ingest.stats.IgnoreReason;
import dev.ingest.stats.IngestStats;
import dev.ingest.stats.RejectReason;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.logging.Level;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** L4: what signatures refuse is counted by reason, and never dead-lettered. */
class SignedIT {
  private static final Keys KEYS = Keys.of(1, new byte[32]).with(2, "k".repeat(64).getBytes(UTF_8));

  @TempDir Path directory;

  private final MemorySink sink = new MemorySink();
  private final DatagramSigner signer = signer(Duration.ZERO);

  private static DatagramSigner signer(Duration ahead) {
    return DatagramSigner.of(KEYS, 2, Clock.offset(Clock.systemUTC(), ahead));
  }

  private Path deadLetters() {
    return directory.resolve("dead.ndjson");
  }

  private IngestServer start(Udp... sources) throws Exception {
    IngestServerBuilder builder = TestServers.builder(sink).deadLetters(deadLetters());
    for (Udp source : sources) {
      builder.source(source);
    }
    return builder.build().start();
  }

  private byte[] signed(long id) {
    return signer.sign(event(id).getBytes(UTF_8));
  }

  private static IngestStats awaitReceived(IngestServer server, long messages) {
    return Ledgers.await(server, stats -> stats.messages().received() == messages);
  }

  @Test
  void l4_what_is_not_signed_rightly_is_counted_by_reason_and_never_dead_lettered()
      throws Exception {
    try (Logged warnings = new Logged(Level.WARNING);
        IngestServer server = start(Udp.on(0).signed(KEYS));
        Sender sender = new Sender(server)) {
      byte[] right = signed(1);
      sender.send(right);
      sender.send(right); // REPLAYED
      sender.send(event(2)); // UNSIGNED
      sender.send(event(2) + " ".repeat(100)); // UNSIGNED: no such key
      sender.send(new byte[0]); // UNSIGNED
      sender.send(
          DatagramSigner.of(Keys.of(1, new byte[64]).with(2, new byte[33]), 2)
              .sign(event(3).getBytes(UTF_8))); // FORGED
      sender.send(signer(Duration.ofSeconds(-61)).sign(event(4).getBytes(UTF_8))); // REPLAYED
      sender.send(signer(Duration.ofHours(1)).sign(event(5).getBytes(UTF_8))); // REPLAYED
      sender.send(signed(6));
      IngestStats stats = awaitReceived(server, 9);
      assertEquals(
          Map.of(IgnoreReason.UNSIGNED, 3L, IgnoreReason.FORGED, 1L, IgnoreReason.REPLAYED, 3L),
          stats.messages().ignoredByReason());
      assertEquals(7, stats.messages().ignored());
      Ledgers.await(server, s -> s.records().persisted() == 2);
      assertEquals(List.of(1L, 6L), sink.stored());
      warnings.await("ignored a message from 127.0.0.1:", "UNSIGNED: it has 8 bytes");
      warnings.await("FORGED: the signature was not made", "key 2");
      warnings.await("REPLAYED: its counter was accepted before");
    }
    assertEquals(List.of(), Files.readAllLines(deadLetters()));
  }

  @Test
  void a_flipped_bit_in_any_byte_is_refused_and_the_datagram_is_accepted_after_that()
      throws Exception {
    try (IngestServer server = start(Udp.on(0).signed(KEYS));
        Sender sender = new Sender(server)) {
      byte[] datagram = signed(1);
      for (int i = 0; i < datagram.length; i++) {
        datagram[i] ^= (byte) (1 << i % 8);
        sender.send(datagram);
        datagram[i] ^= (byte) (1 << i % 8);
      }
      sender.send(datagram);
      IngestStats stats = awaitReceived(server, datagram.length + 1);
      assertEquals(
          Map.of(IgnoreReason.UNSIGNED, 4L, IgnoreReason.FORGED, datagram.length - 4L),
          stats.messages().ignoredByReason());
      Ledgers.await(server, s -> s.records().persisted() == 1);
    }
    assertEquals(List.of(), Files.readAllLines(deadLetters()));
  }

  @Test
  void datagrams_that_overtake_each_other_inside_the_window_are_accepted_once() throws Exception {
    try (IngestServer server = start(Udp.on(0).signed(KEYS).receivers(1));
        Sender sender = new Sender(server)) {
      List<byte[]> datagrams = new ArrayList<>();
      for (int id = 0; id < 2_048; id++) {
        datagrams.add(signed(id));
      }
      Collections.shuffle(datagrams, new Random(9));
      int sent = 0;
      for (int round = 0; round < 2; round++) {
        for (byte[] datagram : datagrams) {
          sender.send(datagram);
          if (++sent % Sender.WINDOW == 0) {
            awaitReceived(server, sent);
          }
        }
      }
      assertEquals(
          Map.of(IgnoreReason.REPLAYED, 2_048L),
          awaitReceived(server, 4_096).messages().ignoredByReason());
      Ledgers.await(server, s -> s.records().persisted() == 2_048);
      assertEquals(ids(0, 2_048), sorted(sink.stored()));
    }
  }

  @Test
  void what_one_source_has_accepted_another_one_with_the_same_keys_refuses() throws Exception {
    try (IngestServer server = start(Udp.on(0).signed(KEYS), Udp.on(0).signed(KEYS));
        Sender one = new Sender(server.localAddresses().get(0));
        Sender other = new Sender(server.localAddresses().get(1))) {
      byte[] datagram = signed(1);
      one.send(datagram);
      awaitReceived(server, 1);
      other.send(datagram);
      assertEquals(
          Map.of(IgnoreReason.REPLAYED, 1L), awaitReceived(server, 2).messages().ignoredByReason());
    }
  }

  @Test
  void the_maximum_datagram_size_is_that_of_the_payload() throws Exception {
    try (IngestServer server = start(Udp.on(0).signed(KEYS).maxDatagramSize(20));
        Sender sender = new Sender(server)) {
      sender.send(signer.sign((event(1) + " ".repeat(12)).getBytes(UTF_8)));
      sender.send(signer.sign((event(2) + " ".repeat(13)).getBytes(UTF_8)));
      sender.send(signer.sign((event(3) + " ".repeat(500)).getBytes(UTF_8)));
      assertEquals(
          Map.of(IgnoreReason.UNSIGNED, 2L), awaitReceived(server, 3).messages().ignoredByReason());
      Ledgers.await(server, s -> s.records().persisted() == 1);
      assertEquals(List.of(1L), sink.stored());
    }
  }

  @Test
  void a_signed_payload_that_cannot_be_decoded_is_rejected_and_dead_lettered_without_signature()
      throws Exception {
    try (IngestServer server = start(Udp.on(0).signed(KEYS));
        Sender sender = new Sender(server)) {
      sender.send(signer.sign("{nonsense".getBytes(UTF_8)));
      sender.send(signer.sign(new byte[0]));
      IngestStats stats = awaitReceived(server, 2);
      assertEquals(
          Map.of(RejectReason.MALFORMED_JSON, 1L, RejectReason.EMPTY, 1L),
          new HashMap<>(stats.messages().rejectedByReason()));
      assertEquals(0, stats.messages().ignored());
    }
    assertTrue(deadLettersText().contains("{nonsense\""), deadLettersText());
  }

  private String deadLettersText() throws IOException {
    return Files.readString(deadLetters());
  }
}
