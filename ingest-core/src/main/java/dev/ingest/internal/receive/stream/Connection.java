package dev.ingest.internal.receive.stream;

import java.io.Closeable;
import java.io.IOException;
import java.net.SocketAddress;
import java.net.StandardSocketOptions;
import java.nio.ByteBuffer;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.nio.channels.SocketChannel;
import org.jspecify.annotations.Nullable;

/** An open connection. Only the receiver thread uses it. */
final class Connection implements Closeable {
  private final SocketChannel channel;
  private final SocketAddress sender;
  private final @Nullable Tls tls;
  private final PartialLine partial = new PartialLine();
  private final SelectionKey key;
  private final long opened;
  private long heard;
  private int received;

  /**
   * Makes a connection that is waited for.
   *
   * @param now the {@link WaitingTime}
   */
  Connection(
      SocketChannel channel, SocketAddress sender, @Nullable Tls tls, Selector selector, long now)
      throws IOException {
    this.channel = channel;
    this.sender = sender;
    this.tls = tls;
    this.key = channel.register(selector, SelectionKey.OP_READ, this);
    this.opened = now;
    this.heard = now;
  }

  SocketAddress sender() {
    return sender;
  }

  /** Returns what has come of the last line. */
  PartialLine partial() {
    return partial;
  }

  /** Returns when the connection was accepted. */
  long opened() {
    return opened;
  }

  /** Returns when something has come last. */
  long heard() {
    return heard;
  }

  void heardAt(long now) {
    heard = now;
  }

  /**
   * Reads without waiting.
   *
   * @return how many bytes; 0 if none are there yet, -1 if none come any more
   * @throws javax.net.ssl.SSLException if it is not TLS, or not as it should be
   * @throws IOException if the connection is broken
   */
  int read(ByteBuffer into) throws IOException {
    if (tls == null) {
      received = channel.read(into);
      return received;
    }
    int read = tls.read(into);
    received = tls.received();
    int interest = tls.interest();
    if (key.interestOps() != interest) {
      key.interestOps(interest);
    }
    return read;
  }

  /** Returns how many bytes the last reading took out of the kernel's buffer; -1 at their end. */
  int received() {
    return received;
  }

  /** Tells whether the client has said that nothing comes any more. */
  boolean hasEnded() {
    return tls != null && tls.hasEnded();
  }

  boolean isHandshaking() {
    return tls != null && !tls.isEstablished();
  }

  /** Tells whether {@link #runTask} has something to do before more can be read. */
  boolean needsTask() {
    return tls != null && isOpen() && tls.needsTask();
  }

  void runTask() {
    if (tls != null) {
      tls.runTask();
    }
  }

  /**
   * Returns how much the kernel's buffer can hold: the JDK reports half of what Linux reserves. 1
   * if the socket does not tell, since it is closed or broken, which the next reading finds out.
   */
  long kernelBytes() {
    try {
      return 2L * channel.getOption(StandardSocketOptions.SO_RCVBUF);
    } catch (IOException e) {
      return 1;
    }
  }

  boolean isOpen() {
    return channel.isOpen();
  }

  @Override
  public void close() throws IOException {
    if (tls != null) {
      tls.close();
    }
    channel.close();
  }
}
