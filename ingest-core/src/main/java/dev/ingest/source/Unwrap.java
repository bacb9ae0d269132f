package dev.ingest.source;

import java.nio.ByteBuffer;

/**
 * Takes a message out of what it came in, such as a compressed datagram or a syslog line, before it
 * is decoded.
 */
@FunctionalInterface
public interface Unwrap {
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
}
