package dev.ingest.internal.receive.udp;

import dev.ingest.internal.intake.Intake;
import dev.ingest.internal.log.Addresses;
import dev.ingest.internal.log.Log;
import dev.ingest.internal.receive.Admission;
import dev.ingest.internal.receive.MessageSource;
import dev.ingest.source.Udp;
import java.io.IOException;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalLong;
import java.util.function.Supplier;

/**
 * A UDP port that is received on: one socket for each receiver. The kernel gives a datagram to one
 * of them, always the same for one sender (socket(7), SO_REUSEPORT).
 *
 * <p>The first socket is bound without the option, so that the start fails if another process has
 * the port. It gets the option after that: Linux asks for it on both sockets when the next one is
 * bound.
 */
public final class UdpPort implements MessageSource {
  private static final Logger LOGGER = Log.of("dev.ingest.receive");

  private final List<UdpSocket> sockets = new ArrayList<>();
  private final List<UdpReceiver> receivers = new ArrayList<>();

  private UdpPort() {}

  /**
   * Binds the sockets, and warns if their receive buffers are smaller than asked for.
   *
   * @param linger how much time is at least between two batches that are not full
   * @param intakes where messages go, one for each receiver
   * @throws IOException if they cannot be bound; the message names the address
   */
  public static UdpPort open(Udp settings, Duration linger, List<Intake> intakes)
      throws IOException {
    UdpPort port = new UdpPort();
    try {
      Supplier<Admission> admissions = UdpAdmission.of(settings);
      for (Intake intake : intakes) {
        UdpSocket socket = port.openSocket(settings);
        port.receivers.add(new UdpReceiver(socket, linger, admissions.get(), intake));
      }
      LOGGER.log(Level.DEBUG, "receives with {0}", port.sockets);
      return port;
    } catch (UnsupportedOperationException e) {
      port.close();
      throw new IOException(
          "cannot bind UDP "
              + Addresses.toText(settings.address())
              + " for "
              + settings.receivers()
              + " receivers: this system does not let sockets share a port (SO_REUSEPORT); expected"
              + " receivers(1)",
          e);
    } catch (Throwable t) {
      port.close();
      throw t;
    }
  }

  private UdpSocket openSocket(Udp settings) throws IOException {
    if (sockets.size() == 1) {
      sockets.get(0).share();
    }
    UdpSocket socket =
        sockets.isEmpty() ? UdpSocket.open(settings) : UdpSocket.openBeside(sockets, settings);
    sockets.add(socket);
    return socket;
  }

  @Override
  public List<? extends Runnable> receivers() {
    return receivers;
  }

  @Override
  public InetSocketAddress localAddress() {
    return sockets.get(0).localAddress();
  }

  @Override
  public OptionalLong kernelDrops() {
    return MessageSource.sum(sockets, UdpSocket::kernelDrops);
  }

  @Override
  public void wakeUp() {
    sockets.forEach(UdpSocket::wakeUp);
  }

  @Override
  public void finish() {
    receivers.forEach(UdpReceiver::finish);
  }

  @Override
  public void close() throws IOException {
    IOException failure = null;
    for (UdpSocket socket : sockets) {
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

  @Override
  public String toString() {
    return "UDP " + Addresses.toText(localAddress());
  }
}
