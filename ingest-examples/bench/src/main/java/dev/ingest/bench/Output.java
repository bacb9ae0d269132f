package dev.ingest.bench;

import java.io.Closeable;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.DatagramChannel;
import java.nio.channels.SocketChannel;

/** Where {@link LoadSender} writes to: datagrams, or lines that are written 64 KB at a time. */
interface Output extends Closeable {
  /**
   * Begins the target of a server that reads InfluxDB's line protocol over TCP: {@code ilp:12345}.
   */
  String LINE_PROTOCOL = "ilp:";

  /** Writes a record or several, of which a stream makes a line; may keep it until a flush. */
  void write(ByteBuffer text) throws IOException;

  void flush() throws IOException;

  /**
   * Connects to a server.
   *
   * @param target see {@link SourceKind#target}, or one of {@link #LINE_PROTOCOL}
   */
  static Output open(String target) throws IOException {
    if (target.startsWith("unix:")) {
      return new Lines(
          SocketChannel.open(UnixDomainSocketAddress.of(target.substring("unix:".length()))));
    }
    boolean tcp = target.startsWith("tcp:") || target.startsWith(LINE_PROTOCOL);
    int port = Integer.parseInt(tcp ? target.substring("tcp:".length()) : target);
    InetSocketAddress address = new InetSocketAddress(InetAddress.getLoopbackAddress(), port);
    return tcp
        ? new Lines(SocketChannel.open(address))
        : new Datagrams(DatagramChannel.open().connect(address));
  }

  /** A datagram for each text. */
  record Datagrams(DatagramChannel channel) implements Output {
    @Override
    public void write(ByteBuffer text) throws IOException {
      channel.write(text);
    }

    @Override
    public void flush() {}

    @Override
    public void close() throws IOException {
      channel.close();
    }
  }

  /** A line for each text. */
  record Lines(SocketChannel channel, ByteBuffer buffer) implements Output {
    Lines(SocketChannel channel) {
      this(channel, ByteBuffer.allocateDirect(1 << 16));
    }

    @Override
    public void write(ByteBuffer text) throws IOException {
      if (buffer.remaining() <= text.remaining()) {
        flush();
      }
      buffer.put(text).put((byte) '\n');
    }

    @Override
    public void flush() throws IOException {
      buffer.flip();
      while (buffer.hasRemaining()) {
        channel.write(buffer);
      }
      buffer.clear();
    }

    @Override
    public void close() throws IOException {
      channel.close();
    }
  }
}
