package dev.ingest.internal.receive;

import dev.ingest.internal.batch.Rows;
import java.io.Closeable;
import java.io.IOException;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.net.InetSocketAddress;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalLong;

/**
 * A UDP port that is received on: one socket for each receiver. The kernel gives a datagram to one
 * of them, always the same for one sender (socket(7), SO_REUSEPORT).
 *
 * <p>The first socket is bound alone, so that a port that somebody has is taken, and shared only
 * then: Linux asks for the option of both when the next one is bound.
 */
public final class ReceivePort implements Closeable {
  private static final Logger LOGGER = System.getLogger("dev.ingest.receive");

  private final List<ReceiveSocket> sockets;

  private ReceivePort(List<ReceiveSocket> sockets) {
    this.sockets = sockets;
  }

  /**
   * Binds the sockets, and warns if their receive buffers are smaller than asked for.
   *
   * @param maxDatagramSize what is longer is cut to one byte more
   * @param receivers how many sockets
   * @throws IOException if they cannot be bound; the message names the address
   */
  public static ReceivePort open(
      InetSocketAddress address, int receiveBuffer, int maxDatagramSize, int receivers)
      throws IOException {
    List<ReceiveSocket> sockets = new ArrayList<>();
    ReceivePort port = new ReceivePort(sockets);
    try {
      ReceiveSocket first = ReceiveSocket.open(address, receiveBuffer, maxDatagramSize);
      sockets.add(first);
      if (receivers > 1) {
        first.share();
      }
      while (sockets.size() < receivers) {
        sockets.add(ReceiveSocket.openBeside(sockets, receiveBuffer, maxDatagramSize));
      }
      LOGGER.log(Level.DEBUG, "receives with {0}", sockets);
      return port;
    } catch (UnsupportedOperationException e) {
      port.close();
      throw new IOException(
          "cannot bind UDP "
              + Rows.text(address)
              + " for "
              + receivers
              + " receivers: this system does not let sockets share a port (SO_REUSEPORT); expected"
              + " receivers(1)",
          e);
    } catch (Throwable t) {
      port.close();
      throw t;
    }
  }

  /** A socket for each receiver. */
  public List<ReceiveSocket> sockets() {
    return sockets;
  }

  /** The address that the sockets are bound to, with the real port. */
  public InetSocketAddress localAddress() {
    return sockets.get(0).localAddress();
  }

  /**
   * What the kernel dropped because a receiver's buffer was full; empty if it does not tell. Any
   * thread.
   */
  public OptionalLong kernelDrops() {
    long sum = 0;
    for (ReceiveSocket socket : sockets) {
      OptionalLong drops = socket.kernelDrops();
      if (drops.isEmpty()) {
        return drops;
      }
      sum += drops.getAsLong();
    }
    return OptionalLong.of(sum);
  }

  @Override
  public void close() throws IOException {
    IOException failure = null;
    for (ReceiveSocket socket : sockets) {
      try {
        socket.close();
      } catch (IOException e) {
        if (failure != null) {
          e.addSuppressed(failure);
        }
        failure = e;
      }
    }
    if (failure != null) {
      throw failure;
    }
  }
}
