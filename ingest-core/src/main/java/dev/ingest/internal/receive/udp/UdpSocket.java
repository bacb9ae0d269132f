package dev.ingest.internal.receive.udp;

import dev.ingest.internal.log.Addresses;
import dev.ingest.internal.log.Log;
import dev.ingest.source.Udp;
import java.io.Closeable;
import java.io.IOException;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.net.InetSocketAddress;
import java.net.StandardSocketOptions;
import java.nio.channels.ClosedChannelException;
import java.nio.channels.DatagramChannel;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.util.List;
import java.util.OptionalLong;
import java.util.Set;
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
final class UdpSocket implements Closeable {
  private static final Logger LOGGER = Log.of("dev.ingest.receive");

  /**
   * Below so many ns a pause would not be worth its cost, and Linux would make it longer anyway.
   */
  private static final int MIN_GATHER = 16_000;

  /** Some systems, such as Windows, would sleep for milliseconds. */
  private static final boolean SHORT_SLEEPS = System.getProperty("os.name").equals("Linux");

  private final DatagramChannel channel;

  /** What is closed with the socket. */
  private final Closeable opened;

  private final Selector selector;
  private final InetSocketAddress localAddress;
  private final int receiveBuffer;
  private final KernelDrops kernelDrops;
  private final Burst burst;
  private final DatagramReader channelReader;
  private final @Nullable DatagramReader recvmmsgReader;

  /** Held while a descriptor is read from, which may be another's once it was closed. */
  private final ReentrantLock reading = new ReentrantLock();

  private UdpSocket(
      DatagramChannel channel,
      Selector selector,
      KernelDrops kernelDrops,
      Burst burst,
      @Nullable Recvmmsg call,
      Closeable opened)
      throws IOException {
    this.channel = channel;
    this.opened = opened;
    this.selector = selector;
    this.localAddress = (InetSocketAddress) channel.getLocalAddress();
    this.receiveBuffer = channel.getOption(StandardSocketOptions.SO_RCVBUF);
    this.kernelDrops = kernelDrops;
    this.burst = burst;
    this.channelReader = new ChannelReader(channel, burst);
    this.recvmmsgReader = call == null ? null : recvmmsgReader(call, kernelDrops.inode(), burst);
  }

  private static @Nullable DatagramReader recvmmsgReader(Recvmmsg call, String inode, Burst burst) {
    try {
      Integer descriptor = ProcSockets.descriptors().get(inode);
      return descriptor == null ? null : new RecvmmsgReader(call, descriptor, burst);
    } catch (IOException e) {
      return null; // /proc is hidden
    }
  }

  /**
   * Binds a socket, and warns if its receive buffer is smaller than asked for.
   *
   * @throws IOException if it cannot be bound; the message names the address
   */
  static UdpSocket open(Udp settings) throws IOException {
    UdpSocket socket = open(settings, settings.address(), RecvmmsgLookup.find(), List.of());
    if (socket.receiveBuffer < settings.receiveBuffer()) {
      LOGGER.log(Level.WARNING, smallBuffer(socket, settings.receiveBuffer()));
    }
    return socket;
  }

  /**
   * Binds a socket to the port of others.
   *
   * @param others they have it and {@link #share} it
   * @throws UnsupportedOperationException if sockets cannot share a port
   */
  static UdpSocket openBeside(List<UdpSocket> others, Udp settings) throws IOException {
    return open(settings, others.get(0).localAddress, RecvmmsgLookup.find(), others);
  }

  /** Binds a socket that reads with the call, if there is one. */
  static UdpSocket open(
      Udp settings, InetSocketAddress address, @Nullable Recvmmsg call, List<UdpSocket> others)
      throws IOException {
    Burst burst = new Burst(settings.maxDatagramSize() + UdpAdmission.trailerBytes(settings));
    DatagramChannel channel =
        UdpChannels.open(
            settings,
            address,
            others.isEmpty() ? Set.of() : Set.of(StandardSocketOptions.SO_REUSEPORT));
    // The JDK would close standard output with an inherited one, whose peer keeps it open anyway.
    Closeable opened = settings.isInherited() ? () -> {} : channel;
    try {
      Selector selector = Selector.open();
      try {
        channel.register(selector, SelectionKey.OP_READ);
        KernelDrops drops =
            KernelDrops.of(
                (InetSocketAddress) channel.getLocalAddress(),
                others.stream().map(other -> other.kernelDrops).toList());
        return new UdpSocket(channel, selector, drops, burst, call, opened);
      } catch (Throwable t) {
        selector.close();
        throw t;
      }
    } catch (Throwable t) {
      opened.close();
      throw t;
    }
  }

  private static String smallBuffer(UdpSocket socket, int asked) {
    return "the kernel gives UDP "
        + Addresses.toText(socket.localAddress)
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

  /** Returns the address that the socket is bound to, with the real port. */
  InetSocketAddress localAddress() {
    return localAddress;
  }

  /** Returns the size of the kernel's buffer, in bytes of payload and its overhead. */
  int receiveBuffer() {
    return receiveBuffer;
  }

  /**
   * Returns what the kernel dropped because its buffer was full, as it was up to a second ago, and
   * exactly after the close; empty if the kernel does not tell. Any thread.
   */
  OptionalLong kernelDrops() {
    return kernelDrops.recent();
  }

  /** Reads what is there, as much as makes a burst; it is valid until the next call. */
  Burst receive() throws IOException {
    burst.clear();
    if (recvmmsgReader == null || !readDescriptor(recvmmsgReader)) {
      if (!selector.isOpen()) {
        throw new ClosedChannelException(); // as the channel itself would, if it is closed
      }
      channelReader.read();
    }
    return burst;
  }

  private boolean readDescriptor(DatagramReader reader) throws IOException {
    reading.lock();
    try {
      return selector.isOpen() && reader.read();
    } finally {
      reading.unlock();
    }
  }

  /**
   * Sleeps for a moment, in which datagrams gather: to read a few at a time, as a receiver does
   * that is a little faster than the sender, costs it some 40 % more. Besides the limit the moment
   * is 1 ns for each byte of the receive buffer, and Linux reserves twice that: a million small
   * datagrams a second, of which one takes about 800 bytes there, fill two fifths of it meanwhile.
   *
   * @param mostNanos how long they may gather, which adds to the time that a record takes
   */
  void gather(long mostNanos) {
    long nanos = Math.min(mostNanos, receiveBuffer);
    if (SHORT_SLEEPS && nanos >= MIN_GATHER) {
      LockSupport.parkNanos(nanos);
    }
  }

  /** Waits for a datagram or a {@link #wakeUp}, at most so many milliseconds; 0 for no limit. */
  void await(long millis) throws IOException {
    Thread.interrupted(); // left behind by the filter: the selector would never wait again
    selector.select(key -> {}, millis);
  }

  void wakeUp() {
    selector.wakeup();
  }

  @Override
  public synchronized void close() throws IOException {
    if (selector.isOpen()) {
      kernelDrops.close();
      reading.lock();
      try (opened;
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
        + Addresses.toText(localAddress)
        + ", receive buffer "
        + receiveBuffer
        + " bytes, by "
        + (recvmmsgReader == null ? channelReader : recvmmsgReader);
  }
}
