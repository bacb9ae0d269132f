package dev.ingest;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.net.StandardSocketOptions;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;

/** A connection to a server, over TCP or a Unix socket. */
final class Client implements AutoCloseable {
  private final SocketChannel channel;

  Client(SocketAddress server) throws IOException {
    channel = SocketChannel.open(server);
    if (server instanceof InetSocketAddress) {
      channel.setOption(StandardSocketOptions.TCP_NODELAY, true);
    }
  }

  Client(IngestServer server) throws IOException {
    this(server.localAddresses().get(0));
  }

  SocketChannel channel() {
    return channel;
  }

  Client send(byte[] bytes) throws IOException {
    for (ByteBuffer buffer = ByteBuffer.wrap(bytes); buffer.hasRemaining(); ) {
      channel.write(buffer);
    }
    return this;
  }

  Client send(String text) throws IOException {
    return send(text.getBytes(UTF_8));
  }

  /** Sends events on a line each. */
  Client sendEvents(long from, long to) throws IOException {
    StringBuilder lines = new StringBuilder();
    for (long id = from; id < to; id++) {
      lines.append(Events.event(id)).append('\n');
    }
    return send(lines.toString());
  }

  /** Says that nothing more is sent, as {@code nc -N} does. */
  void endOutput() throws IOException {
    channel.shutdownOutput();
  }

  /** Waits until the server closes the connection; returns whether it did so without a reset. */
  boolean awaitClosed() {
    try {
      return channel.read(ByteBuffer.allocate(1)) < 0;
    } catch (IOException e) {
      return false;
    }
  }

  /** Breaks the connection, so that the server gets a reset. */
  void reset() throws IOException {
    channel.setOption(StandardSocketOptions.SO_LINGER, 0);
    channel.close();
  }

  @Override
  public void close() throws IOException {
    channel.close();
  }
}
