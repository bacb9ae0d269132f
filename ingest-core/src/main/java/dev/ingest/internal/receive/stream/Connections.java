package dev.ingest.internal.receive.stream;

import dev.ingest.internal.intake.Intake;
import dev.ingest.internal.log.Addresses;
import dev.ingest.internal.log.Log;
import dev.ingest.internal.log.RateLimitedLog;
import dev.ingest.internal.receive.Admission;
import dev.ingest.internal.receive.IgnoredLog;
import dev.ingest.internal.receive.SenderFilter;
import dev.ingest.source.StreamSource;
import dev.ingest.source.Tcp;
import dev.ingest.stats.DisconnectReason;
import java.io.Closeable;
import java.io.IOException;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.net.StandardSocketOptions;
import java.nio.ByteBuffer;
import java.nio.channels.Selector;
import java.nio.channels.SocketChannel;
import java.time.Duration;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import javax.net.ssl.SSLException;
import org.jspecify.annotations.Nullable;

/**
 * The open connections of a source: who may open one, what is read from it, and why it is closed.
 * Only the receiver thread uses them.
 */
final class Connections {
  private static final Logger LOGGER = Log.of("dev.ingest.receive");
  private static final ByteBuffer NOTHING = ByteBuffer.allocate(0);
  private static final long HANDSHAKE_NANOS = TimeUnit.SECONDS.toNanos(10);
  private static final long NEVER = Long.MAX_VALUE;

  /** Timeouts are looked for no more often, unless they are shorter. */
  private static final long SCAN_NANOS = TimeUnit.SECONDS.toNanos(1);

  private final Intake intake;
  private final Lines lines;
  private final @Nullable Admission filter;
  private final int maxConnections;
  private final long idleNanos;
  private final @Nullable TlsServer tls;
  private final Selector selector;
  private final WaitingTime time;
  private final RateLimitedLog tooManyLog = new RateLimitedLog(LOGGER, Level.WARNING);
  private final RateLimitedLog tlsLog = new RateLimitedLog(LOGGER, Level.WARNING);

  private final Set<Connection> open = new LinkedHashSet<>();

  /** Those over which nothing has come yet, the oldest first. */
  private final Set<Connection> silent = new LinkedHashSet<>();

  /** Those whose handshake has something to do that takes long. */
  private final Set<Connection> tasks = new LinkedHashSet<>();

  /** When a connection may have to be timed out. */
  private long nextScan = NEVER;

  private long closures;

  Connections(
      StreamSource<?> settings,
      Intake intake,
      Lines lines,
      @Nullable TlsServer tls,
      Selector selector,
      WaitingTime time) {
    this.intake = intake;
    this.lines = lines;
    this.filter =
        settings instanceof Tcp tcp ? new SenderFilter(tcp.filter(), new IgnoredLog()) : null;
    this.maxConnections = settings.maxConnections();
    this.idleNanos = settings.idleTimeout().map(Duration::toNanos).orElse(NEVER);
    this.tls = tls;
    this.selector = selector;
    this.time = time;
  }

  /** Takes a connection that was accepted, or closes it. */
  void add(SocketChannel channel, Listener listener) {
    intake.connected();
    DisconnectReason refused;
    try {
      refused = open(channel, listener.sender(channel));
    } catch (SSLException e) {
      tlsLog.event(() -> "cannot begin a TLS handshake: " + e.getMessage());
      refused = DisconnectReason.TLS_FAILED;
    } catch (IOException e) {
      refused = DisconnectReason.RESET;
    } catch (Throwable t) { // the server fails, or has not waited for a filter
      ended(channel, DisconnectReason.SERVER_CLOSED);
      throw t;
    }
    if (refused != null) {
      ended(channel, refused);
    }
  }

  /** Opens a connection; returns why it is refused, or null. */
  private @Nullable DisconnectReason open(SocketChannel channel, SocketAddress sender)
      throws IOException {
    if (filter != null && filter.judge((InetSocketAddress) sender, NOTHING) != null) {
      return DisconnectReason.FILTERED;
    }
    if (open.size() >= maxConnections && !evict()) {
      logTooMany(sender);
      return DisconnectReason.TOO_MANY_CONNECTIONS;
    }
    channel.configureBlocking(false);
    if (sender instanceof InetSocketAddress) {
      channel.setOption(StandardSocketOptions.SO_KEEPALIVE, true);
    }
    Connection connection =
        new Connection(
            channel, sender, tls == null ? null : tls.accept(channel), selector, time.now());
    open.add(connection);
    silent.add(connection);
    nextScan = Math.min(nextScan, timeout(connection));
    return null;
  }

  /**
   * Closes the oldest connection over which nothing has come. What has come and was not read yet
   * counts, so it is read before.
   */
  private boolean evict() {
    while (open.size() >= maxConnections && !silent.isEmpty()) {
      Connection oldest = silent.iterator().next();
      if (!receive(oldest) && oldest.isOpen()) {
        logTooMany(oldest.sender());
        close(oldest, DisconnectReason.TOO_MANY_CONNECTIONS);
      }
    }
    return open.size() < maxConnections;
  }

  private void logTooMany(SocketAddress sender) {
    tooManyLog.event(
        () ->
            "closed a connection of "
                + Addresses.toText(sender)
                + ", over which nothing had come: more than "
                + maxConnections
                + " would be open. Raise maxConnections(), or set idleTimeout()");
  }

  /**
   * Reads once from a connection, and takes in what came. Closes it if no more comes.
   *
   * @return false if nothing came
   */
  boolean receive(Connection connection) {
    ByteBuffer buffer = lines.room(connection.partial());
    int start = buffer.position();
    DisconnectReason end = null;
    try {
      if (connection.read(buffer) < 0 || connection.hasEnded()) {
        end = DisconnectReason.END_OF_STREAM;
      }
    } catch (SSLException e) {
      logTls(connection, String.valueOf(e.getMessage()));
      end = DisconnectReason.TLS_FAILED;
    } catch (IOException e) {
      end = DisconnectReason.RESET;
    }
    boolean came = buffer.position() > start;
    if (connection.received() > 0) {
      connection.heardAt(time.now());
    }
    if (came) {
      silent.remove(connection);
      lines.take(connection.partial(), connection.sender());
    }
    if (end != null) {
      close(connection, end);
    } else if (connection.needsTask()) {
      tasks.add(connection);
    }
    return came;
  }

  private void logTls(Connection connection, String why) {
    tlsLog.event(
        () ->
            "closed a connection of "
                + Addresses.toText(connection.sender())
                + ": "
                + DisconnectReason.TLS_FAILED
                + ": "
                + why);
  }

  boolean hasTasks() {
    return !tasks.isEmpty();
  }

  /** Runs the oldest task of a handshake, and reads what has come meanwhile. */
  void runTask() {
    Connection connection = tasks.iterator().next();
    tasks.remove(connection);
    if (connection.isOpen()) {
      connection.runTask();
      receive(connection);
    }
  }

  /** Closes the connections whose time is over. */
  void expire() {
    long now = time.now();
    if (now < nextScan) {
      return;
    }
    long next = NEVER;
    for (Connection connection : List.copyOf(open)) {
      if (timeout(connection) <= now) {
        expire(connection);
      }
      if (connection.isOpen()) {
        next = Math.min(next, timeout(connection));
      }
    }
    nextScan = next == NEVER ? NEVER : Math.max(next, now + Math.min(SCAN_NANOS, idleNanos));
  }

  private void expire(Connection connection) {
    if (connection.isHandshaking()) {
      logTls(connection, "the handshake takes longer than ten seconds");
      close(connection, DisconnectReason.TLS_FAILED);
    } else if (!receive(connection) && connection.isOpen()) {
      close(connection, DisconnectReason.IDLE);
    }
  }

  private long timeout(Connection connection) {
    if (connection.isHandshaking()) {
      return connection.opened() + HANDSHAKE_NANOS;
    }
    return idleNanos == NEVER ? NEVER : connection.heard() + idleNanos;
  }

  /** Returns for how long there is nothing to {@link #expire}; {@link Long#MAX_VALUE} for ever. */
  long nanosToExpiry() {
    return nextScan == NEVER ? NEVER : nextScan - time.now();
  }

  /** Returns how many connections were closed. */
  long closed() {
    return closures;
  }

  /**
   * Reads what the kernel has of each connection: until there is no more or, since a flood would
   * never let that be, as many bytes as the kernel's buffer can have held.
   *
   * @param over looked at after each connection: true to leave the others to the drain
   */
  void receiveBuffered(BooleanSupplier over) {
    for (Connection connection : List.copyOf(open)) {
      if (over.getAsBoolean()) {
        return;
      }
      receiveBuffered(connection);
    }
  }

  private void receiveBuffered(Connection connection) {
    long unread = connection.kernelBytes();
    while (unread > 0 && connection.isOpen() && !intake.isAbandoned()) {
      boolean ranTask = connection.needsTask();
      if (ranTask) {
        connection.runTask();
      }
      receive(connection);
      if (connection.received() <= 0 && !ranTask) {
        break;
      }
      unread -= connection.received();
    }
  }

  /** Reads what the kernel has of each connection, and closes it. */
  void drain() {
    for (Connection connection : List.copyOf(open)) {
      receiveBuffered(connection);
      if (connection.isOpen()) {
        close(connection, DisconnectReason.SERVER_CLOSED);
      }
    }
  }

  /** Closes all connections, and counts what there is of their last lines. */
  void closeAll() {
    List.copyOf(open).forEach(connection -> close(connection, DisconnectReason.SERVER_CLOSED));
  }

  private void close(Connection connection, DisconnectReason reason) {
    try {
      lines.takeLast(connection.partial(), connection.sender());
    } finally {
      open.remove(connection);
      silent.remove(connection);
      tasks.remove(connection);
      ended(connection, reason);
    }
  }

  private void ended(Closeable closed, DisconnectReason reason) {
    closures++;
    intake.disconnected(reason);
    try {
      closed.close();
    } catch (IOException e) {
      LOGGER.log(Level.DEBUG, "closing a connection failed", e);
    }
  }
}
