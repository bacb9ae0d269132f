package dev.ingest.internal.receive;

import dev.ingest.internal.batch.Rows;
import java.io.Closeable;
import java.io.IOException;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.net.Inet4Address;
import java.net.InetSocketAddress;
import java.net.StandardProtocolFamily;
import java.net.StandardSocketOptions;
import java.nio.ByteBuffer;
import java.nio.channels.DatagramChannel;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.util.OptionalLong;
import org.jspecify.annotations.Nullable;

/** A bound UDP socket that is read without blocking and waited for with a limit. */
public final class ReceiveSocket implements Closeable {
  private static final Logger LOGGER = System.getLogger("dev.ingest.receive");

  private final DatagramChannel channel;
  private final Selector selector;
  private final InetSocketAddress localAddress;
  private final int receiveBuffer;
  private final KernelDrops kernelDrops;
  private OptionalLong finalDrops = OptionalLong.empty();

  private ReceiveSocket(
      DatagramChannel channel,
      Selector selector,
      InetSocketAddress localAddress,
      int receiveBuffer) {
    this.channel = channel;
    this.selector = selector;
    this.localAddress = localAddress;
    this.receiveBuffer = receiveBuffer;
    this.kernelDrops = KernelDrops.of(localAddress);
  }

  /**
   * Binds a socket, and warns if its receive buffer is smaller than asked for.
   *
   * @throws IOException if it cannot be bound; the message names the address
   */
  public static ReceiveSocket open(InetSocketAddress address, int receiveBuffer)
      throws IOException {
    if (address.isUnresolved()) {
      throw new IOException(
          "cannot bind UDP "
              + Rows.text(address)
              + ": the host is unknown; expected a name or an IP address of this machine");
    }
    StandardProtocolFamily family =
        address.getAddress() instanceof Inet4Address
            ? StandardProtocolFamily.INET
            : StandardProtocolFamily.INET6;
    DatagramChannel channel = open(family, address);
    try {
      channel.setOption(StandardSocketOptions.SO_RCVBUF, receiveBuffer);
      channel.bind(address);
      channel.configureBlocking(false);
      Selector selector = Selector.open();
      try {
        channel.register(selector, SelectionKey.OP_READ);
        InetSocketAddress local = (InetSocketAddress) channel.getLocalAddress();
        int got = channel.getOption(StandardSocketOptions.SO_RCVBUF);
        if (got < receiveBuffer) {
          LOGGER.log(Level.WARNING, smallBuffer(local, receiveBuffer, got));
        }
        return new ReceiveSocket(channel, selector, local, got);
      } catch (Throwable t) {
        selector.close();
        throw t;
      }
    } catch (IOException e) {
      channel.close();
      throw new IOException("cannot bind UDP " + Rows.text(address) + ": " + e.getMessage(), e);
    } catch (Throwable t) {
      channel.close();
      throw t;
    }
  }

  private static DatagramChannel open(StandardProtocolFamily family, InetSocketAddress address)
      throws IOException {
    try {
      return DatagramChannel.open(family);
    } catch (UnsupportedOperationException e) {
      throw new IOException("cannot bind UDP " + Rows.text(address) + ": " + e.getMessage(), e);
    }
  }

  private static String smallBuffer(InetSocketAddress local, int asked, int got) {
    return "the kernel gives UDP "
        + Rows.text(local)
        + " a receive buffer of "
        + got
        + " bytes instead of "
        + asked
        + ": a burst that does not fit is dropped by the kernel. Raise the limit (on Linux: sysctl -w"
        + " net.core.rmem_max="
        + asked
        + ") or ask for less with receiveBuffer()";
  }

  /** The address that the socket is bound to, with the real port. */
  public InetSocketAddress localAddress() {
    return localAddress;
  }

  /** The size that the kernel's buffer was given, in bytes of payload and its overhead. */
  int receiveBuffer() {
    return receiveBuffer;
  }

  /** What the kernel dropped because its buffer was full; empty if it does not tell. Any thread. */
  public synchronized OptionalLong kernelDrops() {
    return channel.isOpen() ? kernelDrops.read() : finalDrops;
  }

  /** Reads the next datagram, cut to what fits the buffer; null if none is there. */
  @Nullable InetSocketAddress receive(ByteBuffer buffer) throws IOException {
    return (InetSocketAddress) channel.receive(buffer);
  }

  /** Waits for a datagram or a {@link #wakeUp}, at most so many milliseconds; 0 for no limit. */
  void await(long millis) throws IOException {
    Thread.interrupted(); // left behind by the source filter: the selector would never wait again
    selector.select(key -> {}, millis);
  }

  void wakeUp() {
    selector.wakeup();
  }

  @Override
  public synchronized void close() throws IOException {
    if (channel.isOpen()) {
      finalDrops = kernelDrops.read();
      try (channel;
          selector) {
        // Both are closed, whichever fails.
      }
    }
  }
}
