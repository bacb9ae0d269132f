package dev.ingest.internal.receive.udp;

import dev.ingest.internal.receive.Admission;
import dev.ingest.internal.receive.IgnoredLog;
import dev.ingest.source.DatagramSigner;
import dev.ingest.source.Keys;
import dev.ingest.stats.IgnoreReason;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.security.MessageDigest;
import java.time.Clock;
import java.util.Arrays;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * Accepts what is signed as {@link DatagramSigner} describes, and cuts the signature off. For one
 * thread.
 *
 * <p>The signature is checked first, and what depends on the time and the counter only if it is
 * right. So who has no key changes nothing here, and what it sends takes a time that does not
 * depend on the key or on what was received before. Nothing is allocated for what is accepted.
 */
final class SignatureCheck implements Admission {
  static final int TRAILER_BYTES = DatagramSigner.TRAILER_BYTES;

  /** How far a sender's clock may be from this machine's. */
  private static final int MAX_SECONDS = 60;

  private static final int MAC_BYTES = 16;
  private static final int SIGNED_TRAILER_BYTES = TRAILER_BYTES - MAC_BYTES;

  private final int maxBytes;
  private final Clock clock;
  private final IgnoredLog log;

  /** The ids of the keys, ascending as signed numbers; the arrays below have the same order. */
  private final int[] ids;

  private final byte[][] pads;
  private final ReplayWindow[] windows;
  private final Hmac hmac;
  private final byte[] received = new byte[MAC_BYTES];
  private final byte[] expected = new byte[MAC_BYTES];

  /** Makes a check of payloads up to a size, with the windows that all checks of the keys share. */
  SignatureCheck(Keys keys, int maxDatagramSize, Clock clock, IgnoredLog log) {
    this.maxBytes = maxDatagramSize + TRAILER_BYTES;
    this.clock = clock;
    this.log = log;
    this.ids = keys.ids().stream().mapToInt(Long::intValue).sorted().toArray();
    this.pads = new byte[ids.length][];
    this.windows = new ReplayWindow[ids.length];
    Map<Long, ReplayWindow> shared = ReplayWindow.of(keys);
    for (int i = 0; i < ids.length; i++) {
      long id = Integer.toUnsignedLong(ids[i]);
      this.pads[i] = Hmac.pads(keys.key(id));
      this.windows[i] = Objects.requireNonNull(shared.get(id));
    }
    this.hmac = new Hmac(maxBytes);
  }

  @Override
  public @Nullable IgnoreReason judge(InetSocketAddress sender, ByteBuffer datagram) {
    int length = datagram.limit();
    int payload = length - TRAILER_BYTES;
    if (payload < 0 || length > maxBytes) {
      return log.ignored(IgnoreReason.UNSIGNED, sender, () -> wrongLength(length));
    }
    int id = datagram.getInt(payload);
    int index = Arrays.binarySearch(ids, id);
    if (index < 0) {
      return log.ignored(IgnoreReason.UNSIGNED, sender, () -> unknownKey(id));
    }
    hmac.of(pads[index], datagram, payload + SIGNED_TRAILER_BYTES, expected);
    datagram.get(length - MAC_BYTES, received);
    if (!MessageDigest.isEqual(expected, received)) {
      return log.ignored(IgnoreReason.FORGED, sender, () -> forged(id));
    }
    // As 32 bits that wrap around, on both sides, so this goes on after the year 2106.
    int ahead = datagram.getInt(payload + 4) - (int) (clock.millis() / 1_000);
    if (ahead < -MAX_SECONDS || ahead > MAX_SECONDS) {
      return log.ignored(IgnoreReason.REPLAYED, sender, () -> wrongTime(id, ahead));
    }
    if (!windows[index].accept(datagram.getLong(payload + 8))) {
      return log.ignored(IgnoreReason.REPLAYED, sender, () -> wrongCounter(id));
    }
    datagram.limit(payload);
    return null;
  }

  private String wrongLength(int length) {
    return length > maxBytes
        ? "longer than the maximum of %d bytes and a signature of %d, and cut off: send less at once, or raise maxDatagramSize()"
            .formatted(maxBytes - TRAILER_BYTES, TRAILER_BYTES)
        : "it has %d bytes: expected a signature of %d bytes at its end"
            .formatted(length, TRAILER_BYTES);
  }

  private static String unknownKey(int id) {
    return "no key has the id %s: expected a signature by one of the keys of signed()"
        .formatted(Integer.toUnsignedString(id));
  }

  private static String forged(int id) {
    return "the signature was not made of these bytes with the key %s: if the sender is yours, give both sides the same key"
        .formatted(Integer.toUnsignedString(id));
  }

  private static String wrongTime(int id, int ahead) {
    return "the key %s signed it %d s %s this machine's clock: expected at most %d; if it was sent just now, set both clocks"
        .formatted(
            Integer.toUnsignedString(id),
            Math.abs((long) ahead),
            ahead < 0 ? "behind" : "ahead of",
            MAX_SECONDS);
  }

  private static String wrongCounter(int id) {
    return "its counter was accepted before, or is more than %d below the highest: if the key %s has two senders, give each a key of its own"
        .formatted(ReplayWindow.SIZE - 1, Integer.toUnsignedString(id));
  }
}
