package dev.ingest.examples;

import dev.ingest.IngestServerBuilder;
import dev.ingest.policy.RejectUnit;
import dev.ingest.source.Keys;
import dev.ingest.source.Networks;
import dev.ingest.source.StreamSource;
import dev.ingest.source.Tcp;
import dev.ingest.source.Udp;
import dev.ingest.source.Unix;
import java.io.IOException;
import java.net.Inet6Address;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.NetworkInterface;
import java.net.SocketAddress;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.BiFunction;
import java.util.stream.Stream;
import javax.net.ssl.SSLContext;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.Option;
import picocli.CommandLine.TypeConversionException;

/** The options that say where records come from, and what they come in. */
final class SourceOptions {
  @Option(
      names = "--bind",
      paramLabel = "HOST:PORT",
      converter = HostAndPort.Converter.class,
      description =
          "A UDP port to listen on, or a multicast group and a port; port 0 for a free one. This,"
              + " --tcp and --unix may be repeated; 0.0.0.0:12345 if no source is given.")
  private List<HostAndPort> bind = List.of();

  @Option(
      names = "--interface",
      paramLabel = "NAME",
      description = "The network interface on which multicast groups are joined, such as eth0.")
  private @Nullable String joined;

  @Option(
      names = "--inherited",
      description =
          "Receive on the UDP socket that is standard input, as systemd and inetd hand it over.")
  private boolean inherited;

  @Option(
      names = "--tcp",
      paramLabel = "HOST:PORT",
      converter = HostAndPort.Converter.class,
      description = "A TCP port to listen on, for records on lines.")
  private List<HostAndPort> tcp = List.of();

  @Option(
      names = "--unix",
      paramLabel = "PATH",
      description = "A Unix socket to listen on, for records on lines.")
  private List<Path> unix = List.of();

  @Option(
      names = "--format",
      paramLabel = "FORMAT",
      defaultValue = "JSON",
      description =
          "What datagrams are: ${COMPLETION-CANDIDATES}. GZIP and ZLIB hold JSON, and are of"
              + " datagrams alone. SYSLOG is a message of RFC 5424 or 3164 with JSON behind its"
              + " header, and lines are that as well.")
  private Format format = Format.JSON;

  @Option(
      names = "--reject-unit",
      paramLabel = "UNIT",
      defaultValue = "DATAGRAM",
      description =
          "What a bad record in a datagram rejects: ${COMPLETION-CANDIDATES}. On TCP and Unix"
              + " sockets it is always the record alone.")
  private RejectUnit rejectUnit = RejectUnit.DATAGRAM;

  @Option(
      names = "--receivers",
      paramLabel = "THREADS",
      description =
          "How many threads receive from each UDP port; " + Udp.DEFAULT_RECEIVERS + " if left out.")
  private @Nullable Integer receivers;

  @Option(
      names = "--receive-buffer",
      paramLabel = "BYTES",
      description =
          "What the kernel may buffer for each receiver of a UDP port; "
              + Udp.DEFAULT_RECEIVE_BUFFER
              + " if left out.")
  private @Nullable Integer receiveBuffer;

  @Option(
      names = "--max-datagram-size",
      paramLabel = "BYTES",
      description =
          "The longest datagram that is taken, without its signature; "
              + Udp.DEFAULT_MAX_DATAGRAM_SIZE
              + " if left out.")
  private @Nullable Integer maxDatagramSize;

  @Option(
      names = "--max-record-size",
      paramLabel = "BYTES",
      description =
          "The longest line that is taken on TCP ports and Unix sockets; "
              + StreamSource.DEFAULT_MAX_RECORD_SIZE
              + " if left out.")
  private @Nullable Integer maxRecordSize;

  @Option(
      names = "--allow",
      paramLabel = "CIDR",
      split = ",",
      description =
          "Networks that senders over UDP and TCP must be in, such as 192.0.2.0/24,2001:db8::/32;"
              + " all if left out.")
  private @Nullable List<String> allow;

  @Option(
      names = "--key-file",
      paramLabel = "FILE",
      description =
          "Keys that senders over UDP must sign with; a line for each: an id, a space, 32 to 64"
              + " bytes in hexadecimal.")
  private @Nullable Path keyFile;

  @Option(
      names = "--source-rate",
      paramLabel = "BYTES",
      description =
          "How much each sender over UDP and TCP may send a second, with 28 bytes for each"
              + " datagram's headers; as much may come at once. No limit if left out.")
  private @Nullable Long sourceRate;

  @Option(
      names = "--max-connections",
      paramLabel = "N",
      description =
          "How many connections each TCP port and Unix socket may have; "
              + StreamSource.DEFAULT_MAX_CONNECTIONS
              + " if left out.")
  private @Nullable Integer maxConnections;

  @Option(
      names = "--idle-timeout",
      paramLabel = "SECONDS",
      description =
          "After what silence a connection to a TCP port or Unix socket is closed; never if left"
              + " out.")
  private @Nullable Double idleTimeout;

  @Option(
      names = "--mode",
      paramLabel = "OCTAL",
      converter = Octal.class,
      description = "The permissions of the Unix sockets, as for chmod; 600 if left out.")
  private @Nullable Integer mode;

  @Option(
      names = "--tls-keystore",
      paramLabel = "FILE",
      description =
          "Has the TCP ports speak TLS: a PKCS12 file with the server's key and certificate.")
  private @Nullable Path tlsKeystore;

  @Option(
      names = "--tls-password-file",
      paramLabel = "FILE",
      description =
          "The password of that file, in a line; the environment variable "
              + TlsKeystore.PASSWORD_VARIABLE
              + " if left out.")
  private @Nullable Path tlsPasswordFile;

  SourceOptions() {}

  /** Adds the sources to a server: the UDP ports, the TCP ports, the Unix sockets. */
  void addTo(IngestServerBuilder builder) throws IOException {
    List<Udp> udpPorts = udpPorts();
    requireSources(udpPorts);
    builder.rejectUnit(rejectUnit);
    @Nullable Networks networks = allow == null ? null : Networks.of(allow.toArray(String[]::new));
    @Nullable Keys keys = keyFile == null ? null : Keys.readFile(keyFile);
    for (Udp port : udpPorts) {
      Udp udp = with(with(port, receivers, Udp::receivers), format.ofDatagrams(), Udp::unwrap);
      udp =
          with(with(udp, receiveBuffer, Udp::receiveBuffer), maxDatagramSize, Udp::maxDatagramSize);
      udp = with(with(udp, networks, Udp::filter), keys, Udp::signed);
      builder.source(with(udp, sourceRate, (any, rate) -> any.rate(rate, rate)));
    }
    @Nullable SSLContext tls =
        tlsKeystore == null ? null : TlsKeystore.open(tlsKeystore, tlsPasswordFile);
    for (HostAndPort address : tcp) {
      Tcp port = stream(Tcp.on(address.host(), address.port()));
      port = with(with(port, networks, Tcp::filter), tls, Tcp::tls);
      builder.source(with(port, sourceRate, (any, rate) -> any.rate(rate, rate)));
    }
    for (Path path : unix) {
      builder.source(with(stream(Unix.at(path)), mode, Unix::mode));
    }
  }

  private List<Udp> udpPorts() throws IOException {
    List<Udp> ports = new ArrayList<>();
    for (HostAndPort address : bind) {
      ports.add(joined(Udp.on(address.host(), address.port())));
    }
    if (inherited) {
      ports.add(Udp.inherited());
    }
    boolean none = ports.isEmpty() && tcp.isEmpty() && unix.isEmpty();
    return none ? List.of(Udp.on("0.0.0.0", 12_345)) : ports;
  }

  private Udp joined(Udp port) throws IOException {
    if (!isGroup(port)) {
      return port;
    }
    if (joined == null) {
      throw new IllegalArgumentException(
          port + " is a multicast group, which needs a network interface: add --interface NAME");
    }
    NetworkInterface found = NetworkInterface.getByName(joined);
    if (found == null) {
      throw new IllegalArgumentException(
          "there is no network interface '"
              + joined
              + "': expected one of "
              + NetworkInterface.networkInterfaces().map(NetworkInterface::getName).toList());
    }
    return port.join(found);
  }

  private static boolean isGroup(Udp port) {
    return !port.address().isUnresolved() && port.address().getAddress().isMulticastAddress();
  }

  private <S extends StreamSource<S>> S stream(S source) {
    S limited = with(source, maxConnections, StreamSource::maxConnections);
    limited = with(limited, maxRecordSize, StreamSource::maxRecordSize);
    limited = with(limited, format.ofLines(), StreamSource::unwrap);
    return with(
        limited,
        idleTimeout,
        (any, seconds) -> any.idleTimeout(Duration.ofNanos((long) (seconds * 1e9))));
  }

  private static <S, V> S with(S source, @Nullable V value, BiFunction<S, V, S> setter) {
    return value == null ? source : setter.apply(source, value);
  }

  /** Fails if an option is set that no source has. */
  private void requireSources(List<Udp> udp) {
    List<?> inet = Stream.concat(udp.stream(), tcp.stream()).toList();
    List<?> streams = Stream.concat(tcp.stream(), unix.stream()).toList();
    List<?> groups = udp.stream().filter(SourceOptions::isGroup).toList();
    require("--interface", joined, groups, "a multicast group: add --bind GROUP:PORT");
    require("--receivers", receivers, udp, "a UDP port: add --bind HOST:PORT");
    require("--receive-buffer", receiveBuffer, udp, "a UDP port: add --bind HOST:PORT");
    require("--max-datagram-size", maxDatagramSize, udp, "a UDP port: add --bind HOST:PORT");
    require("--key-file", keyFile, udp, "a UDP port: add --bind HOST:PORT");
    require("--allow", allow, inet, "a UDP or TCP port: add --bind or --tcp HOST:PORT");
    require("--source-rate", sourceRate, inet, "a UDP or TCP port: add --bind or --tcp HOST:PORT");
    if (format == Format.GZIP || format == Format.ZLIB) {
      require("--format " + format, format, udp, "a UDP port: add --bind HOST:PORT");
    }
    require("--max-record-size", maxRecordSize, streams, "a stream: add --tcp or --unix");
    require("--max-connections", maxConnections, streams, "a stream: add --tcp or --unix");
    require("--idle-timeout", idleTimeout, streams, "a stream: add --tcp or --unix");
    require("--mode", mode, unix, "a Unix socket: add --unix PATH");
    require("--tls-keystore", tlsKeystore, tcp, "a TCP port: add --tcp HOST:PORT");
    require(
        "--tls-password-file",
        tlsPasswordFile,
        tlsKeystore == null ? List.of() : tcp,
        "a key store: add --tls-keystore FILE");
  }

  private static void require(
      String option, @Nullable Object value, List<?> sources, String needed) {
    if (value != null && sources.isEmpty()) {
      throw new IllegalArgumentException(option + " needs " + needed);
    }
  }

  /** Returns where a server with these sources listens, as {@code SensorClient --to} takes it. */
  String toText(List<SocketAddress> addresses) {
    int udp = addresses.size() - tcp.size() - unix.size();
    List<String> text = new ArrayList<>();
    for (SocketAddress address : addresses) {
      String scheme = text.size() < udp ? "udp://" : tlsKeystore == null ? "tcp://" : "tls://";
      text.add(
          address instanceof InetSocketAddress inet
              ? scheme + HostAndPort.of(inet)
              : "unix:" + address);
    }
    return String.join(", ", text);
  }

  /**
   * Returns a command for bash that sends a record to one of the sources; empty if these are not
   * plain UDP or TCP ports, or may refuse the record.
   */
  Optional<String> commandThatSends(String record, List<SocketAddress> addresses) {
    if (allow != null || keyFile != null || tlsKeystore != null || format != Format.JSON) {
      return Optional.empty();
    }
    int udp = addresses.size() - tcp.size() - unix.size();
    for (int i = 0; i < addresses.size() - unix.size(); i++) {
      InetAddress host = ((InetSocketAddress) addresses.get(i)).getAddress();
      if (host != null && !host.isMulticastAddress()) {
        String to = host.isAnyLocalAddress() ? loopback(host) : host.getHostAddress();
        return Optional.of(
            "echo '%s' > /dev/%s/%s/%s"
                .formatted(
                    record.replace("'", "'\\''"),
                    i < udp ? "udp" : "tcp",
                    to,
                    ((InetSocketAddress) addresses.get(i)).getPort()));
      }
    }
    return Optional.empty();
  }

  private static String loopback(InetAddress any) {
    return any instanceof Inet6Address ? "::1" : "127.0.0.1";
  }

  /** Reads permissions such as 660. */
  static final class Octal implements ITypeConverter<Integer> {
    @Override
    public Integer convert(String text) {
      try {
        return Integer.parseInt(text, 8);
      } catch (NumberFormatException e) {
        throw new TypeConversionException(
            "'" + text + "' is no octal number: expected 0 to 777, such as 660");
      }
    }
  }
}
