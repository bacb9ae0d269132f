package dev.ingest.source;

import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.NetworkInterface;
import java.util.Objects;
import java.util.Optional;
import java.util.function.Predicate;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * A UDP port. Each datagram is one message.
 *
 * <pre>{@code
 * builder.source(Udp.on("0.0.0.0", 12345).receivers(2).receiveBuffer(8 << 20));
 * }</pre>
 *
 * <p>Immutable: each setter returns a copy with one value changed. Setters throw {@link
 * IllegalArgumentException} that names the setting, the value and the range for a value outside its
 * range, and {@link NullPointerException} for null.
 */
public final class Udp implements Source {
  /** The number of receivers unless set: {@value}. */
  public static final int DEFAULT_RECEIVERS = 1;

  /** The receive buffer unless set, in bytes: {@value}. */
  public static final int DEFAULT_RECEIVE_BUFFER = 4 << 20;

  /** The maximum datagram size unless set, in bytes: {@value}. */
  public static final int DEFAULT_MAX_DATAGRAM_SIZE = 8_192;

  /** The most that a UDP datagram can carry, over IPv6: its length field has 16 bits (RFC 768). */
  private static final int MAX_DATAGRAM_SIZE = 65_527;

  /** The highest rate, in bytes a second: {@value}. */
  static final long MAX_RATE = 1_000_000_000;

  /** The largest burst, in bytes: {@value}. */
  static final long MAX_BURST = 1 << 30;

  private static final int MAX_RECEIVERS = 64;
  private static final int MIN_RECEIVE_BUFFER = 4 << 10;
  private static final int MAX_RECEIVE_BUFFER = 1 << 30;

  private final InetSocketAddress address;
  private int receivers = DEFAULT_RECEIVERS;
  private int receiveBuffer = DEFAULT_RECEIVE_BUFFER;
  private int maxDatagramSize = DEFAULT_MAX_DATAGRAM_SIZE;
  private Predicate<? super InetSocketAddress> filter = sender -> true;
  private @Nullable Keys keys;
  private long rate;
  private long burst;
  private @Nullable Supplier<? extends Unwrap> unwrap;
  private @Nullable NetworkInterface networkInterface;
  private boolean inherited;

  private Udp(InetSocketAddress address) {
    this.address = address;
  }

  private Udp(Udp other) {
    this.address = other.address;
    this.receivers = other.receivers;
    this.receiveBuffer = other.receiveBuffer;
    this.maxDatagramSize = other.maxDatagramSize;
    this.filter = other.filter;
    this.keys = other.keys;
    this.rate = other.rate;
    this.burst = other.burst;
    this.unwrap = other.unwrap;
    this.networkInterface = other.networkInterface;
    this.inherited = other.inherited;
  }

  /**
   * Listens on the loopback interface only.
   *
   * @param port 1 to 65535, or 0 for a free port, which the server's {@code localAddress()} tells
   * @return the port with every setting at its default
   * @throws IllegalArgumentException if the port is outside its range
   */
  public static Udp on(int port) {
    return new Udp(
        new InetSocketAddress(
            InetAddress.getLoopbackAddress(), SourceChecks.inRange("port", port, 0, 65_535)));
  }

  /**
   * Listens on an address: of one interface, or {@code 0.0.0.0} for all that speak IPv4, or {@code
   * ::} for all. The name is looked up now; the server's {@code start()} fails if it is unknown.
   *
   * @param host an IP address of this machine, or a name for one
   * @param port 1 to 65535, or 0 for a free port, which the server's {@code localAddress()} tells
   * @return the port with every setting at its default
   * @throws IllegalArgumentException if the host is blank or the port is outside its range
   */
  public static Udp on(String host, int port) {
    return new Udp(SourceChecks.address(host, port));
  }

  /**
   * Receives on the socket that was handed over as standard input by the process that holds it,
   * such as systemd or inetd ({@link System#inheritedChannel()}). That process keeps the socket
   * open, so what the kernel has buffered survives the end of this one, even by SIGKILL, and is
   * received by the next one.
   *
   * <p>The server's {@code start()} fails if standard input is no UDP socket that is bound. The
   * receive buffer stays what that process has set; a smaller one than {@link #receiveBuffer()} is
   * logged as a warning. {@link dev.ingest.stats.IngestStats#kernelDrops()} counts from the making
   * of the socket on, what was dropped between two servers included. A close does not close the
   * socket: with it the JDK would redirect standard output and standard error to nowhere.
   *
   * @return the socket with every setting at its default, and one receiver
   */
  public static Udp inherited() {
    Udp udp = new Udp(InetSocketAddress.createUnresolved("inherited", 0));
    udp.inherited = true;
    return udp;
  }

  /**
   * Joins a multicast group, which is the address to listen on: {@code Udp.on("239.1.2.3",
   * 12345).join(NetworkInterface.getByName("eth0"))}. Other programs on this machine may receive
   * the same group and port; each gets all datagrams.
   *
   * @param networkInterface where the group's datagrams come in
   * @return a copy that joins the group there
   * @throws IllegalArgumentException if the address is no multicast group, or there are several
   *     receivers: the kernel would give each datagram to all of them
   */
  public Udp join(NetworkInterface networkInterface) {
    Objects.requireNonNull(networkInterface, "networkInterface");
    if (address.isUnresolved() || !address.getAddress().isMulticastAddress()) {
      throw new IllegalArgumentException(
          "join on "
              + this
              + ": expected a multicast group, from 224.0.0.0 to 239.255.255.255 or in ff00::/8");
    }
    Udp copy = new Udp(this);
    copy.networkInterface = networkInterface;
    return copy.receivers(receivers);
  }

  /**
   * Sets how many threads receive and decode, each with a socket of its own on the one port. The
   * kernel spreads the senders over them, so the records of one sender stay in order. More than one
   * pays where one takes all of a processor, which shows in {@link
   * dev.ingest.stats.IngestStats#kernelDrops()}, and where there are processors to spare: the
   * writer needs one.
   *
   * @param threads from 1 to 64, and 1 for a multicast group or an inherited socket; {@value
   *     #DEFAULT_RECEIVERS} unless set. More than one needs a system with SO_REUSEPORT, such as
   *     Linux, which alone also spreads the senders; on others the server's {@code start()} fails
   * @return a copy with so many receivers
   */
  public Udp receivers(int threads) {
    Udp copy = new Udp(this);
    boolean many = networkInterface == null && !inherited;
    copy.receivers =
        many
            ? SourceChecks.inRange("receivers", threads, 1, MAX_RECEIVERS)
            : SourceChecks.inRange("receivers of " + this, threads, 1, 1);
    return copy;
  }

  /**
   * Sets the size of the kernel's buffer for the socket of each receiver. The kernel may give less,
   * which the server's {@code start()} logs as a warning with the remedy.
   *
   * @param bytes from 4096 to 1073741824; {@value #DEFAULT_RECEIVE_BUFFER} unless set
   * @return a copy with this receive buffer
   */
  public Udp receiveBuffer(int bytes) {
    Udp copy = new Udp(this);
    copy.receiveBuffer =
        SourceChecks.inRange("receiveBuffer", bytes, MIN_RECEIVE_BUFFER, MAX_RECEIVE_BUFFER);
    return copy;
  }

  /**
   * Sets the longest datagram that is decoded; a longer one is rejected. What a sender can cost the
   * server grows with it.
   *
   * @param bytes from 1 to 65527, which is the most that UDP can carry; {@value
   *     #DEFAULT_MAX_DATAGRAM_SIZE} unless set
   * @return a copy with this maximum
   */
  public Udp maxDatagramSize(int bytes) {
    Udp copy = new Udp(this);
    copy.maxDatagramSize = SourceChecks.inRange("maxDatagramSize", bytes, 1, MAX_DATAGRAM_SIZE);
    return copy;
  }

  /**
   * Sets which senders are listened to; datagrams of others are counted and ignored. A filter that
   * throws counts as one that does not accept. {@link Networks} makes filters.
   *
   * <p>The filter must not look up names, as {@link InetSocketAddress#getHostName()} does: while
   * DNS does not answer the receiver receives nothing, and anybody could so stop it, by datagrams
   * from addresses that have no name. The address of a sender, without a signature, is what the
   * sender claims.
   *
   * @param accepted called on the receiver thread for every datagram: must be quick and not block,
   *     and be thread-safe if there are several receivers; all senders are accepted unless set
   * @return a copy with this filter
   */
  public Udp filter(Predicate<? super InetSocketAddress> accepted) {
    Udp copy = new Udp(this);
    copy.filter = Objects.requireNonNull(accepted, "accepted");
    return copy;
  }

  /**
   * Sets that each datagram must be signed with one of these keys, as {@link DatagramSigner}
   * describes. Others are counted and ignored: {@link dev.ingest.stats.IgnoreReason#UNSIGNED},
   * {@link dev.ingest.stats.IgnoreReason#FORGED} or {@link dev.ingest.stats.IgnoreReason#REPLAYED}.
   * The payload alone is decoded, and {@link #maxDatagramSize(int)} is its length.
   *
   * <p>The clocks of the senders and of this machine must be within 60 seconds of each other.
   *
   * <p>Which counters were accepted is known as long as the {@link Keys} object is used, by all
   * receivers of all servers; it is not kept on disk. So after a restart of the process, a copy of
   * a datagram of the last minute, or of two if the sender's clock is a minute ahead, is accepted
   * once more. A record with a number or a time of its own lets a sink find such duplicates.
   *
   * @param keys of the senders; none unless set, and then signatures are not looked for
   * @return a copy with these keys
   */
  public Udp signed(Keys keys) {
    Udp copy = new Udp(this);
    copy.keys = Objects.requireNonNull(keys, "keys");
    return copy;
  }

  /**
   * Sets how much each sender may send. What is beyond that is counted and ignored: {@link
   * dev.ingest.stats.IgnoreReason#THROTTLED}.
   *
   * <p>A sender is an address of IPv4, whatever the port, or a network of IPv6 with a prefix of 64
   * bits. Each has a token bucket, which is full at first. A datagram takes its bytes out of it,
   * with the signature and 28 bytes for the headers of IPv4 and UDP; the last one before the bucket
   * is empty may take more than is there. There are 65,536 buckets, in half a megabyte; senders
   * whose addresses have the same hash, another one in each source, share a bucket. Datagrams that
   * the filter or the signature refuses take nothing out: so with signatures, nobody else can use
   * up the rate of a sender.
   *
   * @param bytesPerSecond what fills a bucket again, from 1 to 1000000000; no limit unless set
   * @param burst what a bucket holds, in bytes, from 1 to 1073741824
   * @return a copy with this rate
   */
  public Udp rate(long bytesPerSecond, long burst) {
    Udp copy = new Udp(this);
    copy.rate = SourceChecks.inRange("rate", bytesPerSecond, 1, MAX_RATE);
    copy.burst = SourceChecks.inRange("burst", burst, 1, MAX_BURST);
    return copy;
  }

  /**
   * Sets what takes each datagram out of what it came in, before it is decoded. {@link
   * #maxDatagramSize(int)} is the length before that.
   *
   * @param unwrap makes an instance for each receiver; none unless set
   * @return a copy with this step
   */
  public Udp unwrap(Supplier<? extends Unwrap> unwrap) {
    Udp copy = new Udp(this);
    copy.unwrap = Objects.requireNonNull(unwrap, "unwrap");
    return copy;
  }

  /**
   * Tells whether the socket is one that was handed over.
   *
   * @return true after {@link #inherited()}
   */
  public boolean isInherited() {
    return inherited;
  }

  /** {@return where the multicast group is joined: empty if no group is} */
  public Optional<NetworkInterface> networkInterface() {
    return Optional.ofNullable(networkInterface);
  }

  /**
   * {@return where to listen: an address that is unresolved if the host's name is unknown, or for
   * an inherited socket}
   */
  public InetSocketAddress address() {
    return address;
  }

  @Override
  public int receivers() {
    return receivers;
  }

  @Override
  public Optional<Supplier<? extends Unwrap>> unwrap() {
    return Optional.ofNullable(unwrap);
  }

  /** {@return the size of the kernel's buffer to ask for: bytes} */
  public int receiveBuffer() {
    return receiveBuffer;
  }

  /** {@return the longest datagram that is decoded: bytes} */
  public int maxDatagramSize() {
    return maxDatagramSize;
  }

  /** {@return which senders are listened to: the filter} */
  public Predicate<? super InetSocketAddress> filter() {
    return filter;
  }

  /** {@return the keys of the senders: empty if datagrams need no signature} */
  public Optional<Keys> keys() {
    return Optional.ofNullable(keys);
  }

  /** {@return how much each sender may send: bytes a second; 0 if there is no limit} */
  public long rate() {
    return rate;
  }

  /** {@return how much each sender may send at once: bytes; 0 if there is no limit} */
  public long burst() {
    return burst;
  }

  @Override
  public String toString() {
    return inherited ? "UDP inherited" : "UDP " + SourceChecks.toText(address);
  }
}
