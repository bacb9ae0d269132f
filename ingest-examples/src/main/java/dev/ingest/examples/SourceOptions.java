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
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
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
          "A UDP port to listen on; port 0 for a free one. This and the next two may be repeated;"
              + " 0.0.0.0:12345 if all are left out.")
  private List<HostAndPort> bind = List.of();

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
    requireSources();
    builder.rejectUnit(rejectUnit);
    @Nullable Networks networks = allow == null ? null : Networks.of(allow.toArray(String[]::new));
    @Nullable Keys keys = keyFile == null ? null : Keys.readFile(keyFile);
    for (HostAndPort address : udpPorts()) {
      Udp udp = Udp.on(address.host(), address.port());
      udp = with(with(udp, receivers, Udp::receivers), networks, Udp::filter);
      udp = with(with(udp, keys, Udp::signed), sourceRate, (any, rate) -> any.rate(rate, rate));
      builder.source(udp);
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

  private <S extends StreamSource<S>> S stream(S source) {
    return with(
        with(source, maxConnections, StreamSource::maxConnections),
        idleTimeout,
        (any, seconds) -> any.idleTimeout(Duration.ofNanos((long) (seconds * 1e9))));
  }

  private static <S, V> S with(S source, @Nullable V value, BiFunction<S, V, S> setter) {
    return value == null ? source : setter.apply(source, value);
  }

  private List<HostAndPort> udpPorts() {
    boolean none = bind.isEmpty() && tcp.isEmpty() && unix.isEmpty();
    return none ? List.of(new HostAndPort("0.0.0.0", 12_345)) : bind;
  }

  /** Fails if an option is set that no source has. */
  private void requireSources() {
    List<?> udp = udpPorts();
    List<?> inet = Stream.concat(udp.stream(), tcp.stream()).toList();
    List<?> streams = Stream.concat(tcp.stream(), unix.stream()).toList();
    require("--receivers", receivers, udp, "a UDP port: add --bind HOST:PORT");
    require("--key-file", keyFile, udp, "a UDP port: add --bind HOST:PORT");
    require("--allow", allow, inet, "a UDP or TCP port: add --bind or --tcp HOST:PORT");
    require("--source-rate", sourceRate, inet, "a UDP or TCP port: add --bind or --tcp HOST:PORT");
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
    int udp = udpPorts().size();
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
