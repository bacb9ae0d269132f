package dev.ingest.examples;

import java.net.InetSocketAddress;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.TypeConversionException;

/**
 * An address on the command line: {@code 127.0.0.1:12345}, {@code localhost:12345}, {@code
 * [::1]:12345}.
 */
record HostAndPort(String host, int port) {
  static HostAndPort of(InetSocketAddress address) {
    return new HostAndPort(
        address.isUnresolved() ? address.getHostString() : address.getAddress().getHostAddress(),
        address.getPort());
  }

  @Override
  public String toString() {
    return (host.indexOf(':') < 0 ? host : "[" + host + "]") + ":" + port;
  }

  /** An address of this machine's own pages: a port alone is one of loopback. */
  static final class HttpConverter implements ITypeConverter<HostAndPort> {
    @Override
    public HostAndPort convert(String text) {
      return new Converter().convert(text.matches("\\d+") ? "127.0.0.1:" + text : text);
    }
  }

  static final class Converter implements ITypeConverter<HostAndPort> {
    @Override
    public HostAndPort convert(String text) {
      int colon = text.lastIndexOf(':');
      String host = colon < 0 ? "" : text.substring(0, colon).replaceAll("^\\[(.*)]$", "$1");
      try {
        int port = Integer.parseInt(text.substring(colon + 1));
        if (!host.isEmpty() && port >= 0 && port <= 65_535) {
          return new HostAndPort(host, port);
        }
      } catch (NumberFormatException e) {
        // Falls through to the one message for all that is wrong.
      }
      throw new TypeConversionException(
          "'"
              + text
              + "' is no address: expected HOST:PORT with a port from 0 to 65535, such as 127.0.0.1:12345");
    }
  }
}
