package dev.ingest.source;

import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.Objects;
import java.util.Optional;
import java.util.function.Predicate;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLParameters;
import org.jspecify.annotations.Nullable;

/**
 * A TCP port, with TLS if that is set. Each line is one message.
 *
 * <pre>{@code
 * builder.source(Tcp.on("0.0.0.0", 12345).idleTimeout(Duration.ofMinutes(10)).tls(context));
 * }</pre>
 */
public final class Tcp extends StreamSource<Tcp> {
  private final InetSocketAddress address;
  private Predicate<? super InetSocketAddress> filter = client -> true;
  private long rate;
  private long burst;
  private @Nullable SSLContext tls;
  private @Nullable SSLParameters tlsParameters;

  private Tcp(InetSocketAddress address) {
    this.address = address;
  }

  private Tcp(Tcp other) {
    super(other);
    this.address = other.address;
    this.filter = other.filter;
    this.rate = other.rate;
    this.burst = other.burst;
    this.tls = other.tls;
    this.tlsParameters = other.tlsParameters;
  }

  @Override
  Tcp copy() {
    return new Tcp(this);
  }

  /**
   * Listens on the loopback interface only.
   *
   * @param port 1 to 65535, or 0 for a free port, which the server's {@code localAddress()} tells
   * @return the port with every setting at its default
   * @throws IllegalArgumentException if the port is outside its range
   */
  public static Tcp on(int port) {
    return new Tcp(
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
  public static Tcp on(String host, int port) {
    return new Tcp(SourceChecks.address(host, port));
  }

  /**
   * Sets which clients are listened to; a connection of another one is closed at once, and counted:
   * {@link dev.ingest.stats.DisconnectReason#FILTERED}. A filter that throws counts as one that
   * does not accept. {@link Networks} makes filters.
   *
   * @param accepted called on the receiver thread for every connection; must not look up names, see
   *     {@link Udp#filter(Predicate)}. All clients are accepted unless set
   * @return a copy with this filter
   */
  public Tcp filter(Predicate<? super InetSocketAddress> accepted) {
    Tcp copy = copy();
    copy.filter = Objects.requireNonNull(accepted, "accepted");
    return copy;
  }

  /**
   * Sets how much each sender may send, over all of its connections. Lines that are beyond that are
   * counted and ignored: {@link dev.ingest.stats.IgnoreReason#THROTTLED}. What a sender is, and how
   * its bucket works, stands at {@link Udp#rate(long, long)}; a line takes its bytes out of the
   * bucket, with its newline.
   *
   * @param bytesPerSecond what fills a bucket again, from 1 to 1000000000; no limit unless set
   * @param burst what a bucket holds, in bytes, from 1 to 1073741824
   * @return a copy with this rate
   */
  public Tcp rate(long bytesPerSecond, long burst) {
    Tcp copy = copy();
    copy.rate = SourceChecks.inRange("rate", bytesPerSecond, 1, Udp.MAX_RATE);
    copy.burst = SourceChecks.inRange("burst", burst, 1, Udp.MAX_BURST);
    return copy;
  }

  /**
   * Sets that clients must speak TLS, 1.3 or 1.2 (RFC 8446, RFC 5246). A handshake that fails, or
   * takes longer than ten seconds, closes the connection: {@link
   * dev.ingest.stats.DisconnectReason#TLS_FAILED}. So does one that asks to renegotiate, or sends
   * next to nothing but key updates and empty records.
   *
   * @param context has the server's key and certificate. Its default parameters are used, which of
   *     the JDK's contexts ask for no client certificates. None unless set
   * @return a copy with TLS
   * @throws IllegalStateException if the context is not initialized
   */
  public Tcp tls(SSLContext context) {
    return tls(context, context.getDefaultSSLParameters());
  }

  /**
   * Sets that clients must speak TLS, like {@link #tls(SSLContext)}, with parameters: for instance
   * {@link SSLParameters#setNeedClientAuth needClientAuth}, so that clients must have certificates
   * that the context trusts.
   *
   * @param context has the server's key and certificate
   * @param parameters not to be changed after that; of the protocols only 1.3 and 1.2 are spoken
   * @return a copy with TLS
   */
  public Tcp tls(SSLContext context, SSLParameters parameters) {
    Tcp copy = copy();
    copy.tls = Objects.requireNonNull(context, "context");
    copy.tlsParameters = Objects.requireNonNull(parameters, "parameters");
    return copy;
  }

  /**
   * Returns where to listen.
   *
   * @return an address that is unresolved if the host's name is unknown
   */
  public InetSocketAddress address() {
    return address;
  }

  /**
   * Returns which clients are listened to.
   *
   * @return the filter
   */
  public Predicate<? super InetSocketAddress> filter() {
    return filter;
  }

  /**
   * Returns how much each sender may send.
   *
   * @return bytes a second; 0 if there is no limit
   */
  public long rate() {
    return rate;
  }

  /**
   * Returns how much each sender may send at once.
   *
   * @return bytes; 0 if there is no limit
   */
  public long burst() {
    return burst;
  }

  /**
   * Returns what TLS needs.
   *
   * @return empty if clients send in plain text
   */
  public Optional<SSLContext> tls() {
    return Optional.ofNullable(tls);
  }

  /**
   * Returns the parameters of TLS.
   *
   * @return empty if clients send in plain text
   */
  public Optional<SSLParameters> tlsParameters() {
    return Optional.ofNullable(tlsParameters);
  }

  @Override
  public String toString() {
    return (tls == null ? "TCP " : "TLS ") + SourceChecks.toText(address);
  }
}
