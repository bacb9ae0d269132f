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
import java.nio.channels.DatagramChannel;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.util.List;
import java.util.OptionalLong;
import java.util.concurrent.locks.LockSupport;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/**
 * A bound UDP socket that is read without blocking, a burst at a time, and waited for with a limit.
 *
 * <p>It is a channel of the JDK. Where recvmmsg(2) can be called, that reads from the channel's
 * descriptor, which is found by the inode of the socket; otherwise, and to tell why nothing was
 * read, the channel itself does.
 */
public final class ReceiveSocket implements Closeable {
  private static final Logger LOGGER = System.getLogger("dev.ingest.receive");

  /** The longest pause in nanoseconds; it adds to the time that a record takes. */
  private static final int MAX_GATHER = 2_000_000;

  /** Below this the pause would not be worth its cost, and Linux would make it longer anyway. */
  private static final int MIN_GATHER = 16_000;

  /** Some systems, such as Windows, would sleep for milliseconds. */
  private static final boolean SHORT_SLEEPS = System.getProperty("os.name").equals("Linux");

  private final DatagramChannel channel;
  private final Selector selector;
  private final InetSocketAddress localAddress;
  private final int receiveBuffer;
  private final KernelDrops kernelDrops;
  private final Burst burst;
  private final @Nullable ManyReceive many;

  /** So that no descriptor is read from that was closed, and may be another's by now. */
  private final ReentrantLock reading = new ReentrantLock();

  private OptionalLong finalDrops = OptionalLong.empty();

  private ReceiveSocket(
      DatagramChannel channel,
      Selector selector,
      InetSocketAddress localAddress,
      int receiveBuffer,
      KernelDrops kernelDrops,
      Burst burst,
      @Nullable RecvMmsg call) {
    this.channel = channel;
    this.selector = selector;
    this.localAddress = localAddress;
    this.receiveBuffer = receiveBuffer;
    this.kernelDrops = kernelDrops;
    this.burst = burst;
    this.many = call == null ? null : many(call, kernelDrops.inode(), burst);
  }

  private static @Nullable ManyReceive many(RecvMmsg call, String inode, Burst burst) {
    try {
      Integer descriptor = OwnSockets.descriptors().get(inode);
      return descriptor == null ? null : new ManyReceive(call, descriptor, burst);
    } catch (IOException e) {
      return null; // /proc is hidden
    }
  }

  /**
   * Binds a socket, and warns if its receive buffer is smaller than asked for.
   *
   * @param maxDatagramSize what is longer is cut to one byte more
   * @throws IOException if it cannot be bound; the message names the address
   */
  static ReceiveSocket open(InetSocketAddress address, int receiveBuffer, int maxDatagramSize)
      throws IOException {
    ReceiveSocket socket =
        open(address, receiveBuffer, new Burst(maxDatagramSize), RecvMmsgLookup.find(), List.of());
    if (socket.receiveBuffer < receiveBuffer) {
      LOGGER.log(Level.WARNING, smallBuffer(socket, receiveBuffer));
    }
    return socket;
  }

  /**
   * Binds a socket to the port of others.
   *
   * @param others they have it and {@link #share} it
   * @throws UnsupportedOperationException if that cannot be
   */
  static ReceiveSocket openBeside(
      List<ReceiveSocket> others, int receiveBuffer, int maxDatagramSize) throws IOException {
    return open(
        others.get(0).localAddress,
        receiveBuffer,
        new Burst(maxDatagramSize),
        RecvMmsgLookup.find(),
        others);
  }

  /** Binds a socket that reads with the call, if there is one. */
  static ReceiveSocket open(
      InetSocketAddress address,
      int receiveBuffer,
      Burst burst,
      @Nullable RecvMmsg call,
      List<ReceiveSocket> others)
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
      if (!others.isEmpty()) {
        channel.setOption(StandardSocketOptions.SO_REUSEPORT, true);
      }
      channel.bind(address);
      channel.configureBlocking(false);
      Selector selector = Selector.open();
      try {
        channel.register(selector, SelectionKey.OP_READ);
        InetSocketAddress local = (InetSocketAddress) channel.getLocalAddress();
        KernelDrops drops =
            KernelDrops.of(local, others.stream().map(other -> other.kernelDrops).toList());
        int got = channel.getOption(StandardSocketOptions.SO_RCVBUF);
        return new ReceiveSocket(channel, selector, local, got, drops, burst, call);
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

  private static String smallBuffer(ReceiveSocket socket, int asked) {
    return "the kernel gives UDP "
        + Rows.text(socket.localAddress)
        + " a receive buffer of "
        + socket.receiveBuffer
        + " bytes instead of "
        + asked
        + ": a burst that does not fit is dropped by the kernel. Raise the limit (on Linux: sysctl -w"
        + " net.core.rmem_max="
        + asked
        + ") or ask for less with receiveBuffer()";
  }

  /** Lets others be bound to its port. */
  void share() throws IOException {
    channel.setOption(StandardSocketOptions.SO_REUSEPORT, true);
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

  /** The most datagrams that {@link #receive} gives. */
  int burstSize() {
    return burst.size();
  }

  /** Reads what is there, as much as makes a burst; it is valid until the next call. */
  Burst receive() throws IOException {
    burst.clear();
    if (many == null || !receiveMany(many)) {
      while (!burst.isFull() && channel.receive(burst.next()) instanceof InetSocketAddress source) {
        burst.add(source);
      }
    }
    return burst;
  }

  private boolean receiveMany(ManyReceive call) throws IOException {
    reading.lock();
    try {
      return channel.isOpen() && call.receive();
    } finally {
      reading.unlock();
    }
  }

  /**
   * Sleeps for a moment, in which datagrams gather: to read a few at a time, as a receiver does
   * that is a little faster than the sender, costs it some 40 % more. The moment is 1 ns for each
   * byte of the receive buffer, and Linux reserves twice that: a million small datagrams a second,
   * of which one takes about 800 bytes there, fill two fifths of it meanwhile.
   */
  void gather() {
    int nanos = Math.min(MAX_GATHER, receiveBuffer);
    if (SHORT_SLEEPS && nanos >= MIN_GATHER) {
      LockSupport.parkNanos(nanos);
    }
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
      reading.lock();
      try (channel;
          selector) {
        // Both are closed, whichever fails.
      } finally {
        reading.unlock();
      }
    }
  }

  @Override
  public String toString() {
    return "UDP "
        + Rows.text(localAddress)
        + ", receive buffer "
        + receiveBuffer
        + " bytes, by "
        + (many == null ? "one datagram a call" : "recvmmsg");
  }
}
