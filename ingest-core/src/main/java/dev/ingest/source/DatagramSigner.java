package dev.ingest.source;

import java.nio.ByteBuffer;
import java.security.InvalidKeyException;
import java.security.NoSuchAlgorithmException;
import java.time.Clock;
import java.time.Instant;
import java.util.Objects;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;

/**
 * Signs datagrams for a source with {@link Udp#signed(Keys)}, on the sender's side.
 *
 * <p>A signed datagram is the payload and {@value #TRAILER_BYTES} bytes behind it, numbers
 * big-endian and unsigned:
 *
 * <table>
 *   <caption>The end of a signed datagram</caption>
 *   <tr><th>bytes</th><th>what</th></tr>
 *   <tr><td>4</td><td>the id of the key</td></tr>
 *   <tr><td>4</td><td>the time: seconds since 1970-01-01T00:00:00Z, modulo 2<sup>32</sup></td></tr>
 *   <tr><td>8</td><td>the counter: higher by 1 than that of the datagram before, see below</td></tr>
 *   <tr><td>16</td><td>the first 16 bytes of HMAC-SHA-256 (RFC 2104, FIPS 180-4), with the key, of
 *       all that stands before: the payload, the id, the time and the counter</td></tr>
 * </table>
 *
 * <p>The server accepts a datagram if it has the key, the signature is right, the time is at most
 * 60 seconds from its own, and it has not accepted the counter before. It remembers, for each of
 * the 2,048 counters up to the highest accepted one, whether it was accepted; lower counters count
 * as accepted. So datagrams may overtake each other, and a sender that starts anew must go on with
 * a higher counter: this signer begins with the nanoseconds since 1970 by its clock. If a sender
 * restarts after its clock was set back, its counters are lower than before, and the server refuses
 * them until the clock has passed its old time.
 *
 * <p>Each sender, which is to say each signer at a time, has a key of its own: the counters of two
 * with the same key would be the same, or far apart, and the server would refuse one of them.
 *
 * <p>Nothing is encrypted. Thread-safe; nothing blocks but for the moment in which another thread
 * signs.
 */
public final class DatagramSigner {
  /** How many bytes longer a signed datagram is than its payload: {@value}. */
  public static final int TRAILER_BYTES = 32;

  private static final int MAC_BYTES = 16;

  private final int id;
  private final Mac mac;
  private final Clock clock;
  private long counter;

  private DatagramSigner(int id, Mac mac, Clock clock) {
    this.id = id;
    this.mac = mac;
    this.clock = clock;
    Instant start = clock.instant();
    this.counter = start.getEpochSecond() * 1_000_000_000 + start.getNano();
  }

  /**
   * Makes a signer with the system's clock, which should be set by NTP or the like.
   *
   * @param keys hold the sender's key
   * @param id of the sender's key
   * @return a signer
   * @throws IllegalArgumentException if there is no key of this id
   */
  public static DatagramSigner of(Keys keys, long id) {
    return of(keys, id, Clock.systemUTC());
  }

  /**
   * Makes a signer with a clock, for tests.
   *
   * @param keys hold the sender's key
   * @param id of the sender's key
   * @param clock gives the time of each datagram, and now the first counter
   * @return a signer
   * @throws IllegalArgumentException if there is no key of this id
   */
  public static DatagramSigner of(Keys keys, long id, Clock clock) {
    Objects.requireNonNull(clock, "clock");
    try {
      Mac mac = Mac.getInstance("HmacSHA256");
      mac.init(new SecretKeySpec(keys.key(id), mac.getAlgorithm()));
      return new DatagramSigner((int) id, mac, clock);
    } catch (NoSuchAlgorithmException | InvalidKeyException e) {
      throw new IllegalStateException("every Java platform has HmacSHA256 for any key", e);
    }
  }

  /**
   * Signs a datagram, which is to be sent within a minute, and once.
   *
   * @param payload what the server is to decode
   * @return the datagram to send: the payload, and the {@value #TRAILER_BYTES} bytes behind it
   */
  public synchronized byte[] sign(byte[] payload) {
    return sign(payload, (int) clock.instant().getEpochSecond(), counter++);
  }

  /** Signs with a time and a counter; the counters that follow are not changed. */
  synchronized byte[] sign(byte[] payload, int seconds, long counter) {
    ByteBuffer datagram =
        ByteBuffer.allocate(payload.length + TRAILER_BYTES)
            .put(payload)
            .putInt(id)
            .putInt(seconds)
            .putLong(counter);
    mac.update(datagram.array(), 0, datagram.position());
    return datagram.put(mac.doFinal(), 0, MAC_BYTES).array();
  }
}
