package dev.ingest.internal.receive.stream;

import dev.ingest.internal.intake.Intake;
import dev.ingest.internal.log.Log;
import dev.ingest.internal.receive.IgnoredLog;
import dev.ingest.internal.receive.MessageSource;
import dev.ingest.internal.receive.RateLimit;
import dev.ingest.source.StreamSource;
import dev.ingest.source.Tcp;
import java.io.IOException;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.net.SocketAddress;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.nio.channels.SocketChannel;
import java.util.List;
import java.util.OptionalLong;
import org.jspecify.annotations.Nullable;

/** A source to which clients connect: a listening socket, and one receiver for all connections. */
public final class StreamPort implements MessageSource {
  private static final Logger LOGGER = Log.of("dev.ingest.receive");

  /** A line's newline is not part of the message, but of what its sender sends. */
  private static final int NEWLINE_BYTES = 1;

  private final Listener listener;
  private final Selector selector;
  private final StreamReceiver receiver;

  private StreamPort(StreamSource<?> settings, Listener listener, Selector selector, Intake intake)
      throws IOException {
    this.listener = listener;
    this.selector = selector;
    TlsServer tls = tls(settings);
    Lines lines =
        new Lines(
            settings.maxRecordSize(), tls == null ? 0 : tls.moreData(), intake, rate(settings));
    WaitingTime time = new WaitingTime();
    Connections connections = new Connections(settings, intake, lines, tls, selector, time);
    this.receiver = new StreamReceiver(listener, selector, connections, intake, time);
  }

  /**
   * Binds the socket.
   *
   * @param intake where lines go
   * @throws IOException if it cannot be bound; the message names the address
   */
  public static StreamPort open(StreamSource<?> settings, Intake intake) throws IOException {
    // What the JDK closes channels with needs a descriptor when it is first used. Without one it
    // would fail from then on (JDK 17, sun.nio.ch.FileDispatcherImpl).
    SocketChannel.open().close();
    Listener listener = Listener.open(settings);
    try {
      Selector selector = Selector.open();
      try {
        StreamPort port = new StreamPort(settings, listener, selector, intake);
        LOGGER.log(
            Level.DEBUG,
            "receives with {0}, at most {1} connections",
            port,
            settings.maxConnections());
        return port;
      } catch (Throwable t) {
        selector.close();
        throw t;
      }
    } catch (Throwable t) {
      listener.close();
      throw t;
    }
  }

  private static @Nullable TlsServer tls(StreamSource<?> settings) throws IOException {
    if (settings instanceof Tcp tcp && tcp.tls().isPresent()) {
      try {
        return new TlsServer(tcp.tls().get(), tcp.tlsParameters().orElseThrow());
      } catch (RuntimeException e) {
        throw new IOException(
            "cannot speak TLS on "
                + settings
                + ": "
                + e.getMessage()
                + ": expected an SSLContext that is initialized, for TLS 1.3 or 1.2",
            e);
      }
    }
    return null;
  }

  private static @Nullable RateLimit rate(StreamSource<?> settings) {
    return settings instanceof Tcp tcp && tcp.rate() > 0
        ? new RateLimit(tcp.rate(), tcp.burst(), NEWLINE_BYTES, System::nanoTime, new IgnoredLog())
        : null;
  }

  @Override
  public List<? extends Runnable> receivers() {
    return List.of(receiver);
  }

  @Override
  public SocketAddress localAddress() {
    return listener.address();
  }

  /** Returns 0: a stream loses nothing while it is open. */
  @Override
  public OptionalLong kernelDrops() {
    return OptionalLong.of(0);
  }

  @Override
  public void wakeUp() {
    selector.wakeup();
  }

  @Override
  public void finish() {
    receiver.finish();
  }

  /** Closes everything, also under a receiver that did not end. */
  @Override
  public void close() throws IOException {
    try (listener) {
      if (selector.isOpen()) {
        for (SelectionKey key : selector.keys()) {
          key.channel().close();
        }
        selector.close();
      }
    }
  }

  @Override
  public String toString() {
    return listener.toString();
  }
}
