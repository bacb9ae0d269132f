package dev.ingest.internal.intake;

import java.net.SocketAddress;
import java.nio.ByteBuffer;
import org.jspecify.annotations.Nullable;

/** What one look into a source gave: messages, and where they came from. */
public interface Messages {
  /** Returns how many messages there are. */
  int count();

  /** Returns a number of bytes that all of them together do not exceed. */
  int maxBytes();

  /** Returns the bytes of a message; one that is too long may be cut to one byte more. */
  ByteBuffer message(int index);

  /** Returns where a message came from. */
  SocketAddress sender(int index);

  /** Returns where each message came from; what stands behind the last one means nothing. */
  @Nullable SocketAddress[] senders();
}
