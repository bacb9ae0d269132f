package dev.ingest.internal.receive.udp;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.sun.management.ThreadMXBean;
import dev.ingest.internal.receive.IgnoredLog;
import dev.ingest.source.DatagramSigner;
import dev.ingest.source.Keys;
import dev.ingest.stats.IgnoreReason;
import java.lang.management.ManagementFactory;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.Arrays;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class SignatureCheckTest {
  private static final int MAX_DATAGRAM_SIZE = 100;
  private static final Instant NOW = Instant.parse("2026-01-01T00:00:00.5Z");
  private static final InetSocketAddress SENDER =
      new InetSocketAddress(InetAddress.getLoopbackAddress(), 12_345);

  private final Keys keys = Keys.of(1, key(1)).with(0xffff_fff0L, key(2)).with(7, key(3));
  private final SignatureCheck check = check(keys, NOW);
  private final DatagramSigner signer = DatagramSigner.of(keys, 1, fixed(NOW));

  private static byte[] key(int value) {
    byte[] key = new byte[40];
    Arrays.fill(key, (byte) value);
    return key;
  }

  private static Clock fixed(Instant now) {
    return Clock.fixed(now, ZoneOffset.UTC);
  }

  private static SignatureCheck check(Keys keys, Instant now) {
    return new SignatureCheck(keys, MAX_DATAGRAM_SIZE, fixed(now), new IgnoredLog());
  }

  private @Nullable IgnoreReason judge(byte[] datagram) {
    return check.judge(SENDER, ByteBuffer.wrap(datagram));
  }

  @Test
  void takes_in_what_is_signed_with_any_of_the_keys_and_cuts_the_signature_off() {
    for (long id : keys.ids()) {
      byte[] payload = {1, 2, 3};
      ByteBuffer datagram = ByteBuffer.wrap(DatagramSigner.of(keys, id, fixed(NOW)).sign(payload));
      assertNull(check.judge(SENDER, datagram));
      assertEquals(ByteBuffer.wrap(payload), datagram);
    }
  }

  @ParameterizedTest
  @ValueSource(ints = {0, 1, MAX_DATAGRAM_SIZE})
  void a_payload_may_have_the_maximum_datagram_size_without_the_signature(int length) {
    assertNull(judge(signer.sign(new byte[length])));
  }

  @Test
  void what_is_longer_is_unsigned_since_it_may_be_cut_off() {
    assertEquals(IgnoreReason.UNSIGNED, judge(signer.sign(new byte[MAX_DATAGRAM_SIZE + 1])));
  }

  @ParameterizedTest
  @ValueSource(ints = {0, 1, 31})
  void what_is_too_short_for_a_signature_is_unsigned(int length) {
    assertEquals(IgnoreReason.UNSIGNED, judge(new byte[length]));
  }

  @Test
  void what_names_an_unknown_key_is_unsigned() {
    assertEquals(
        IgnoreReason.UNSIGNED, judge(DatagramSigner.of(Keys.of(2, key(1)), 2).sign(key(9))));
  }

  @Test
  void what_another_key_signed_in_the_name_of_this_one_is_forged() {
    assertEquals(IgnoreReason.FORGED, judge(DatagramSigner.of(Keys.of(1, key(4)), 1).sign(key(9))));
  }

  @Test
  void a_flipped_bit_anywhere_is_found_and_changes_nothing() {
    byte[] datagram = signer.sign(new byte[20]);
    for (int bit = 0; bit < 8 * datagram.length; bit++) {
      datagram[bit / 8] ^= (byte) (1 << bit % 8);
      boolean inId = bit / 8 >= 20 && bit / 8 < 24;
      assertEquals(inId ? IgnoreReason.UNSIGNED : IgnoreReason.FORGED, judge(datagram), "" + bit);
      datagram[bit / 8] ^= (byte) (1 << bit % 8);
    }
    assertNull(judge(datagram));
  }

  @Test
  void the_key_id_is_signed_too() {
    Keys same = Keys.of(1, key(1)).with(3, key(1));
    byte[] datagram = DatagramSigner.of(same, 1, fixed(NOW)).sign(new byte[20]);
    datagram[23] ^= 2;
    assertEquals(IgnoreReason.FORGED, check(same, NOW).judge(SENDER, ByteBuffer.wrap(datagram)));
  }

  @Test
  void what_comes_again_is_replayed_at_every_check_of_the_keys() {
    byte[] datagram = signer.sign(new byte[20]);
    assertNull(judge(datagram));
    assertEquals(IgnoreReason.REPLAYED, judge(datagram));
    assertEquals(IgnoreReason.REPLAYED, check(keys, NOW).judge(SENDER, ByteBuffer.wrap(datagram)));
  }

  @ParameterizedTest
  @CsvSource({"-61, false", "-60, true", "0, true", "60, true", "61, false", "-86400, false"})
  void the_time_may_be_60_seconds_off(long seconds, boolean accepted) {
    byte[] datagram =
        DatagramSigner.of(keys, 1, fixed(NOW.plusSeconds(seconds))).sign(new byte[20]);
    assertEquals(accepted ? null : IgnoreReason.REPLAYED, judge(datagram));
    if (!accepted) { // and the window has not moved, though the counter may have been higher
      assertNull(judge(signer.sign(new byte[20])));
    }
  }

  @ParameterizedTest
  @CsvSource({
    "2038-01-19T03:14:10Z, 2038-01-19T03:13:20Z",
    "2106-02-07T06:28:00Z, 2106-02-07T06:28:30Z",
    "2106-02-07T06:28:30Z, 2106-02-07T06:28:00Z"
  })
  void the_time_goes_on_when_32_bits_overflow(Instant sent, Instant received) {
    SignatureCheck then = check(keys, received);
    DatagramSigner signing = DatagramSigner.of(keys, 1, fixed(sent));
    assertNull(then.judge(SENDER, ByteBuffer.wrap(signing.sign(new byte[20]))));
    DatagramSigner early =
        DatagramSigner.of(keys, 1, fixed(received.minus(Duration.ofSeconds(61))));
    assertEquals(
        IgnoreReason.REPLAYED, then.judge(SENDER, ByteBuffer.wrap(early.sign(new byte[20]))));
  }

  @Test
  void what_is_taken_in_allocates_nothing() {
    ByteBuffer[] datagrams =
        IntStream.range(0, 20_000)
            .mapToObj(i -> signer.sign(new byte[80]))
            .map(bytes -> ByteBuffer.allocateDirect(bytes.length).put(bytes).flip())
            .toArray(ByteBuffer[]::new);
    assertNull(check.judge(SENDER, datagrams[0]));
    ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
    long before = threads.getCurrentThreadAllocatedBytes();
    int accepted = 0;
    for (int i = 1; i < datagrams.length; i++) {
      accepted += check.judge(SENDER, datagrams[i]) == null ? 1 : 0;
    }
    long allocated = threads.getCurrentThreadAllocatedBytes() - before;
    assertEquals(datagrams.length - 1, accepted);
    assertTrue(allocated < 10_000, () -> allocated + " bytes for 20,000 datagrams");
  }

  @Test
  void the_windows_go_with_the_keys() {
    byte[] datagram = signer.sign(new byte[20]);
    assertNull(judge(datagram));
    assertNull(check(Keys.of(1, key(1)), NOW).judge(SENDER, ByteBuffer.wrap(datagram)));
  }
}
