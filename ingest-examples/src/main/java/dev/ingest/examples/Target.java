package dev.ingest.examples;

import java.io.Closeable;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.DatagramChannel;
import java.nio.channels.SocketChannel;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.ITypeConverter;

/**
 * Where a client sends to: {@code HOST:PORT} or {@code udp://HOST:PORT} for datagrams, {@code
 * tcp://HOST:PORT}, {@code tls://HOST:PORT} or {@code unix:PATH} for lines.
 *
 * @param scheme udp, tcp, tls or unix
 * @param address where the server listens
 */
record Target(String scheme, SocketAddress address) {
  private static final Pattern WITH_SCHEME = Pattern.compile("(udp|tcp|tls)://(.*)");

  /** Takes readings; closed when all are sent. */
  interface Connection extends Closeable {
    void send(byte[] reading) throws IOException;
  }

  /** Reads a target. */
  static final class Converter implements ITypeConverter<Target> {
    @Override
    public Target convert(String text) {
      if (text.startsWith("unix:")) {
        return new Target("unix", UnixDomainSocketAddress.of(text.substring("unix:".length())));
      }
      Matcher url = WITH_SCHEME.matcher(text);
      boolean hasScheme = url.matches();
      HostAndPort address = new HostAndPort.Converter().convert(hasScheme ? url.group(2) : text);
      return new Target(
          hasScheme ? url.group(1) : "udp", new InetSocketAddress(address.host(), address.port()));
    }
  }

  /**
   * Connects to the server.
   *
   * @param trusted certificates that a TLS server may have, in PEM; null for those of the JDK
   * @throws IOException if nobody listens there, or TLS fails, with the target
   */
  Connection connect(@Nullable Path trusted) throws IOException {
    if (address instanceof InetSocketAddress inet && inet.isUnresolved()) {
      throw new IOException("the host " + inet.getHostString() + " is unknown");
    }
    try {
      return switch (scheme) {
        case "udp" -> datagrams();
        case "tls" -> TlsConnection.open((InetSocketAddress) address, trusted);
        default -> lines();
      };
    } catch (IOException e) {
      throw new IOException("cannot connect to " + this + ": " + e.getMessage(), e);
    }
  }

  private Connection datagrams() throws IOException {
    DatagramChannel channel = DatagramChannel.open();
    return new Connection() {
      @Override
      public void send(byte[] reading) throws IOException {
        channel.send(ByteBuffer.wrap(reading), address);
      }

      @Override
      public void close() throws IOException {
        channel.close();
      }
    };
  }

  private Connection lines() throws IOException {
    SocketChannel channel = SocketChannel.open(address);
    return new Connection() {
      @Override
      public void send(byte[] reading) throws IOException {
        ByteBuffer line = ByteBuffer.wrap(line(reading));
        while (line.hasRemaining()) {
          channel.write(line);
        }
      }

      @Override
      public void close() throws IOException {
        channel.close();
      }
    };
  }

  static byte[] line(byte[] reading) {
    byte[] line = Arrays.copyOf(reading, reading.length + 1);
    line[reading.length] = '\n';
    return line;
  }

  @Override
  public String toString() {
    return address instanceof InetSocketAddress inet
        ? scheme + "://" + HostAndPort.of(inet)
        : scheme + ":" + address;
  }
}
