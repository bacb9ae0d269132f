package dev.ingest.internal.receive.stream;

import dev.ingest.internal.intake.Intake;
import dev.ingest.internal.log.Log;
import dev.ingest.internal.log.RateLimitedLog;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.nio.channels.ClosedSelectorException;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.nio.channels.SocketChannel;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Consumer;

/**
 * A receiver thread: waits until something has come over connections, reads once from each, accepts
 * new ones, runs at most one task of a handshake, hands over what is due. So no connection can
 * starve another one, however much comes over it, and however many shake hands.
 *
 * <p>For a flush it accepts those connections that wait for that, and reads what the kernel has of
 * each. After {@link #finish} it does that, too, closes them, and hands over the last batch.
 */
final class StreamReceiver implements Runnable {
  private static final Logger LOGGER = Log.of("dev.ingest.receive");

  /** How many connections to accept before others are read from again. */
  private static final int ACCEPTED_AT_ONCE = 64;

  /** How long not to accept after that failed: the process has too many open files, say. */
  private static final long NO_ACCEPT_NANOS = TimeUnit.SECONDS.toNanos(1);

  /** After so many bytes a batch that is due is handed over even if more connections wait. */
  private static final int MANY_BYTES = 1 << 20;

  /**
   * How long to let more gather after less came than is read at once: to read a few lines at a time
   * costs more. It adds to the time that a record takes.
   */
  private static final long GATHER_NANOS = TimeUnit.MILLISECONDS.toNanos(1);

  /** Some systems, such as Windows, would sleep for longer. */
  private static final boolean SHORT_SLEEPS = System.getProperty("os.name").equals("Linux");

  private final Listener listener;
  private final SelectionKey accepting;
  private final Selector selector;
  private final Connections connections;
  private final Intake intake;
  private final WaitingTime time;
  private final RateLimitedLog acceptLog = new RateLimitedLog(LOGGER, Level.ERROR);

  private final List<SelectionKey> ready = new ArrayList<>();
  private final Consumer<SelectionKey> addReady = ready::add;
  private long idleMillis;
  private long acceptAgainAt;
  private long closedAtFailure;
  private volatile boolean finishing;

  /** Makes a receiver that does not run yet; it closes all that it is given. */
  StreamReceiver(
      Listener listener,
      Selector selector,
      Connections connections,
      Intake intake,
      WaitingTime time)
      throws IOException {
    this.listener = listener;
    this.accepting = listener.channel().register(selector, SelectionKey.OP_ACCEPT);
    this.selector = selector;
    this.connections = connections;
    this.intake = intake;
    this.time = time;
  }

  /**
   * Receives until {@link #finish}. What it throws, the thread's uncaught exception handler gets.
   */
  @Override
  public void run() {
    try {
      while (!finishing) {
        await();
        if (!receive()) {
          gather();
        }
      }
      drain();
    } catch (ClosedSelectorException e) {
      // The server does not wait for this thread any more.
    } catch (IOException e) {
      throw new UncheckedIOException("cannot receive on " + listener, e);
    } finally {
      try {
        connections.closeAll();
      } finally {
        end();
      }
    }
  }

  private void end() {
    try {
      intake.finish();
    } finally {
      try (selector;
          listener) {
        // Both are closed, whichever fails.
      } catch (IOException e) {
        LOGGER.log(Level.ERROR, "closing " + listener + " failed", e);
      }
    }
  }

  /** Ends the waiting for new messages. Any thread. */
  void finish() {
    finishing = true;
    selector.wakeup();
  }

  /** Waits until something has come, or there is something else to do. */
  private void await() throws IOException {
    Thread.interrupted(); // left behind by the filter: the selector would never wait again
    ready.clear();
    acceptAgain();
    time.beginWait();
    if (connections.hasTasks()) {
      selector.selectNow(addReady);
    } else {
      selector.select(addReady, waitMillis());
    }
    time.endWait();
  }

  /** Returns how long to wait at most, in milliseconds; 0 for no limit. */
  private long waitMillis() {
    long nanos = connections.nanosToExpiry();
    if (acceptAgainAt > 0) {
      nanos = Math.min(nanos, acceptAgainAt - time.now());
    }
    if (nanos == Long.MAX_VALUE) {
      return idleMillis;
    }
    long millis = TimeUnit.NANOSECONDS.toMillis(Math.max(0, nanos)) + 1;
    return idleMillis == 0 ? millis : Math.min(millis, idleMillis);
  }

  /**
   * Reads once from each connection over which something has come, and sees to the rest.
   *
   * @return whether more is there already, or nothing has come
   */
  private boolean receive() {
    long bytes = 0;
    long handedOverAt = 0;
    boolean more = false;
    for (SelectionKey key : ready) {
      if (key.attachment() instanceof Connection connection && connection.isOpen()) {
        connections.receive(connection);
        bytes += Math.max(0, connection.received());
        more |= connection.received() >= Lines.READ_BYTES;
        if (bytes - handedOverAt >= MANY_BYTES) {
          handedOverAt = bytes;
          intake.flush();
          intake.handOverIfDue();
        }
      }
    }
    if (ready.contains(accepting)) {
      accept(ACCEPTED_AT_ONCE);
    }
    if (connections.hasTasks()) {
      connections.runTask();
    }
    connections.expire();
    if (intake.hasNewFlush()) {
      accept(Listener.BACKLOG);
      connections.receiveBuffered(() -> finishing);
      intake.tookInForFlush();
    }
    intake.flush();
    idleMillis = intake.handOverIfDue();
    return more || bytes == 0 || connections.hasTasks();
  }

  private void gather() {
    if (SHORT_SLEEPS && !finishing) {
      LockSupport.parkNanos(GATHER_NANOS);
    }
  }

  private void accept(int most) {
    for (int i = 0; i < most; i++) {
      SocketChannel accepted;
      try {
        accepted = listener.accept();
      } catch (IOException e) {
        stopAccepting(e);
        return;
      }
      if (accepted == null) {
        return;
      }
      connections.add(accepted, listener);
    }
  }

  private void stopAccepting(IOException e) {
    acceptLog.event(
        () ->
            "cannot accept a connection on "
                + listener
                + ": "
                + e.getMessage()
                + ": those that wait are accepted when another one is closed, or in a second. If"
                + " too many files are open, raise their limit (ulimit -n), or lower"
                + " maxConnections()");
    if (accepting.isValid()) {
      accepting.interestOps(0);
      acceptAgainAt = time.now() + NO_ACCEPT_NANOS;
      closedAtFailure = connections.closed();
    }
  }

  private void acceptAgain() {
    if (acceptAgainAt > 0
        && (time.now() >= acceptAgainAt || connections.closed() > closedAtFailure)) {
      acceptAgainAt = 0;
      accepting.interestOps(SelectionKey.OP_ACCEPT);
    }
  }

  private void drain() throws IOException {
    accept(Listener.BACKLOG);
    listener.close();
    selector.selectNow(key -> {}); // or the selector would keep the port
    connections.drain();
  }
}
