package dev.ingest.source;

import java.nio.ByteBuffer;

/**
 * Takes a message out of what it came in, such as a compressed datagram or a syslog line, before it
 * is decoded.
 *
 * <pre>{@code
 * builder.source(Udp.on("0.0.0.0", 12201).unwrap(() -> Unwrap.gzip(1 << 18)));
 * builder.source(Udp.on("0.0.0.0", 514).unwrap(Unwrap::syslog));
 * }</pre>
 *
 * <p>One record in it may have 65,536 bytes at most. What a sender can cost the server grows with
 * the length of what comes out.
 */
@FunctionalInterface
public interface Unwrap {
  /** The highest limit of what comes out of a compressed message, in bytes: {@value}. */
  int MAX_BYTES = 1 << 20;

  /**
   * Returns what is in a message.
   *
   * <p>Each receiver has an instance of its own, which it calls on its thread for each message that
   * is not ignored. So it need not be thread-safe, must be quick, and should allocate nothing.
   *
   * @param message the message, from its position to its limit; not to be changed, and not to be
   *     used after the return
   * @return the same buffer with another position or limit, or a buffer of this object's own, which
   *     is read before the next call
   * @throws UnwrapException if the message is not wrapped as expected: it is rejected, with {@link
   *     dev.ingest.stats.RejectReason#UNWRAP_FAILED}. So it is with any other exception
   */
  ByteBuffer unwrap(ByteBuffer message) throws UnwrapException;

  /**
   * Decompresses gzip (RFC 1952), with its checksum.
   *
   * @param maxBytes the most that may come out of a message, from 1 to {@value #MAX_BYTES}; a
   *     message with more is rejected
   * @return for one receiver
   * @throws IllegalArgumentException if the maximum is outside its range
   */
  static Unwrap gzip(int maxBytes) {
    return new Inflation(Inflation.Format.GZIP, maxBytes);
  }

  /**
   * Decompresses zlib (RFC 1950), with its checksum.
   *
   * @param maxBytes the most that may come out of a message, from 1 to {@value #MAX_BYTES}; a
   *     message with more is rejected
   * @return for one receiver
   * @throws IllegalArgumentException if the maximum is outside its range
   */
  static Unwrap zlib(int maxBytes) {
    return new Inflation(Inflation.Format.ZLIB, maxBytes);
  }

  /**
   * Skips the header of a syslog message, so that the JSON behind it is decoded: that of RFC 5424
   * with its structured data, or that of RFC 3164, of which devices send many kinds: there the JSON
   * begins at the first brace. A cookie {@code @cee:} before the JSON is skipped, too.
   *
   * @return for any receiver
   */
  static Unwrap syslog() {
    return new SyslogHeader();
  }
}
