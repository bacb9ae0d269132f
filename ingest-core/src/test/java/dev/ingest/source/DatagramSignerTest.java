package dev.ingest.source;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.time.Clock;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

/** The vectors were made by a program in another language, from the table in the Javadoc. */
class DatagramSignerTest {
  private static final Pattern MEMBER = Pattern.compile("\"(\\w+)\": \"?(\\w*)");
  private static final HexFormat HEX = HexFormat.of();

  private final Keys keys = Keys.of(1, new byte[32]);

  @Test
  void signs_as_the_vectors_say() throws IOException {
    List<Map<String, String>> vectors = vectors();
    assertEquals(6, vectors.size());
    for (Map<String, String> vector : vectors) {
      long id = Long.parseLong(vector.get("id"));
      byte[] key = HEX.parseHex(vector.get("key"));
      byte[] datagram =
          DatagramSigner.of(Keys.of(id, key), id)
              .sign(
                  HEX.parseHex(vector.get("payload")),
                  Integer.parseUnsignedInt(vector.get("seconds")),
                  Long.parseUnsignedLong(vector.get("counter")));
      assertEquals(vector.get("datagram"), HEX.formatHex(datagram));
    }
  }

  /** A vector stands on a line of its own. */
  private static List<Map<String, String>> vectors() throws IOException {
    try (InputStream in = DatagramSignerTest.class.getResourceAsStream("/signed/vectors.json")) {
      List<Map<String, String>> vectors = new ArrayList<>();
      new String(in.readAllBytes(), UTF_8)
          .lines()
          .filter(line -> line.contains("{"))
          .forEach(
              line -> {
                Map<String, String> vector = new HashMap<>();
                for (Matcher member = MEMBER.matcher(line); member.find(); ) {
                  vector.put(member.group(1), member.group(2));
                }
                vectors.add(vector);
              });
      return vectors;
    }
  }

  @Test
  void counts_up_by_one_from_the_nanoseconds_of_the_clock() {
    Instant start = Instant.parse("2026-01-01T00:00:00.123456789Z");
    DatagramSigner signer = DatagramSigner.of(keys, 1, Clock.fixed(start, ZoneOffset.UTC));
    byte[] first = signer.sign(new byte[3]);
    byte[] second = signer.sign(new byte[0]);
    assertEquals(1_767_225_600_123_456_789L, counter(first));
    assertEquals(1_767_225_600_123_456_790L, counter(second));
    assertEquals(1_767_225_600, ByteBuffer.wrap(first).getInt(3 + 4));
    assertEquals(1, ByteBuffer.wrap(first).getInt(3));
    assertEquals(35, first.length);
    assertEquals(32, second.length);
  }

  private static long counter(byte[] datagram) {
    return ByteBuffer.wrap(datagram).getLong(datagram.length - 24);
  }

  @Test
  void the_counter_does_not_go_back_when_the_sender_starts_anew() {
    long last = 0;
    for (int start = 0; start < 100; start++) {
      DatagramSigner signer = DatagramSigner.of(keys, 1);
      for (int i = 0; i < 10; i++) {
        long counter = counter(signer.sign(new byte[1]));
        assertTrue(counter > last);
        last = counter;
      }
    }
  }

  @Test
  void threads_that_share_a_signer_use_no_counter_twice() throws InterruptedException {
    DatagramSigner signer = DatagramSigner.of(keys, 1);
    Set<Long> counters = ConcurrentHashMap.newKeySet();
    List<Thread> threads = new ArrayList<>();
    for (int i = 0; i < 4; i++) {
      Thread thread =
          new Thread(
              () -> {
                for (int n = 0; n < 5_000; n++) {
                  counters.add(counter(signer.sign(new byte[1])));
                }
              });
      thread.start();
      threads.add(thread);
    }
    for (Thread thread : threads) {
      thread.join();
    }
    assertEquals(20_000, counters.size());
  }

  @Test
  void needs_a_key_of_its_id() {
    assertThrows(IllegalArgumentException.class, () -> DatagramSigner.of(keys, 2));
  }
}
