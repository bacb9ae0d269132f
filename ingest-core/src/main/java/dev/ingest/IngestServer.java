package dev.ingest;

import dev.ingest.cleanup.CleanupRegistry;
import dev.ingest.internal.ledger.Ledger;
import dev.ingest.sink.SinkException;
import java.io.IOException;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.net.InetSocketAddress;
import java.util.Objects;
import java.util.OptionalLong;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * Receives datagrams and stores their records through a sink, and at exit stores what had arrived
 * before.
 *
 * <pre>{@code
 * IngestServer server = IngestServer.builder()
 *     .schema(readings)
 *     .bind("0.0.0.0", 12345)
 *     .sink("sqlite:sensors.db")
 *     .build()
 *     .start();
 * }</pre>
 *
 * <p>There is nothing more to do: the drain is registered in {@link CleanupRegistry#global()},
 * which runs it when the process exits in any ordinary way. A host that ends the server earlier
 * calls {@link #close}.
 *
 * <p>A started server has two daemon threads, {@code ingest-receiver} and {@code ingest-writer},
 * with several receivers {@code ingest-receiver-1} and so on, and with {@link
 * JournalSync#EVERY_SECOND} also {@code ingest-journal}; being daemons they do not keep the process
 * alive, see {@link #awaitClose()}. If one of them fails beyond repair (by an {@link
 * OutOfMemoryError}, say) that is logged as an error, and the server drains what it has and closes.
 *
 * <p>A server is started once. All methods are thread-safe.
 */
public final class IngestServer implements AutoCloseable {
  private static final Logger LOGGER = System.getLogger("dev.ingest");

  private enum State {
    NEW,
    STARTING,
    RUNNING,
    CLOSING,
    CLOSED
  }

  /** The exit does not wait longer for a listener on another thread: that may wait for the exit. */
  private static final long LISTENER_AT_EXIT_NANOS = TimeUnit.SECONDS.toNanos(1);

  /**
   * Freed when a thread has failed, so that closing has memory even if that is what there is none
   * of.
   */
  private static final int RESERVE_BYTES = 1 << 19;

  private final Settings settings;
  private volatile byte @Nullable [] reserve;
  private final Ledger ledger = new Ledger();
  private final CountDownLatch closed = new CountDownLatch(1);
  private final CompletableFuture<Void> closedWhileStarting = new CompletableFuture<>();

  private final Object lock = new Object();
  private State state = State.NEW; // guarded by lock, which is notified of every change

  private volatile @Nullable Pipeline pipeline;
  private volatile CleanupRegistry.@Nullable Registration registration;
  private volatile @Nullable Thread closer;
  private volatile @Nullable IngestStats finalStats;

  /** The drain at exit, with a name for the registry's reports. */
  private record ExitDrain(IngestServer server) implements CleanupRegistry.Action {
    @Override
    public void run() {
      server.close(LISTENER_AT_EXIT_NANOS);
      long lost = server.stats().lost();
      if (lost > 0) {
        throw new IllegalStateException(
            server.lossMessage(lost)); // printed even if a logger is silent by now
      }
    }

    @Override
    public String toString() {
      return "drain of " + server;
    }
  }

  IngestServer(Settings settings) {
    this.settings = settings;
  }

  /**
   * Starts the settings of a server.
   *
   * @return a builder
   */
  public static IngestServerBuilder builder() {
    return new IngestServerBuilder();
  }

  /**
   * Registers the drain, opens the sink, binds the socket and starts receiving. Blocks as long as
   * the sink's {@code open} does. A start that fails leaves no thread, socket, file handle or
   * registration.
   *
   * @return this server
   * @throws IOException if the address cannot be bound (the port is taken, there is no permission,
   *     the host is unknown), or the dead-letter file or the spool cannot be used; the message
   *     names it. Also {@link java.io.InterruptedIOException} if the thread was interrupted, or the
   *     server closed, while the sink was opened
   * @throws SinkException if the sink cannot be opened
   * @throws IllegalStateException if the server was started or closed before, or the JVM is
   *     shutting down
   */
  public IngestServer start() throws IOException, SinkException {
    synchronized (lock) {
      if (state != State.NEW) {
        throw new IllegalStateException(
            this + " was started or closed before: a server is started once, build another");
      }
      state = State.STARTING;
    }
    try {
      reserve = new byte[RESERVE_BYTES];
      // An exit that begins during the start has to find the drain, which ends the start.
      CleanupRegistry.Registration early = registerDrain();
      pipeline = Pipeline.start(settings, ledger, this::failed, closedWhileStarting);
      // Later than what the sink has registered when it was opened, and so run before that.
      registerDrain();
      early.unregister();
      setState(State.RUNNING);
      return this;
    } catch (Throwable t) {
      end();
      throw t;
    }
  }

  private CleanupRegistry.Registration registerDrain() {
    CleanupRegistry.Registration drain = settings.cleanupRegistry().register(new ExitDrain(this));
    registration = drain;
    return drain;
  }

  /** A thread of the pipeline has died: what is there is drained, and the host learns of it. */
  private void failed(Throwable failure) {
    if (reserve != null) {
      reserve = null;
    }
    closeInBackground(); // first, since a logger can be what fails
    LOGGER.log(Level.ERROR, this + " cannot go on and closes", failure);
  }

  /**
   * The address that the socket is bound to, with the real port.
   *
   * @return the address, also after the close
   * @throws IllegalStateException if the server was not started
   */
  public InetSocketAddress localAddress() {
    Pipeline current = pipeline;
    if (current == null) {
      throw new IllegalStateException(this + " was not started: it has no address before that");
    }
    return current.port().localAddress();
  }

  /**
   * The accounts. Reads the kernel's counter from /proc, so it takes some ten microseconds.
   *
   * @return one consistent snapshot; after the close always the final one
   */
  public IngestStats stats() {
    IngestStats last = finalStats;
    return last != null ? last : snapshot();
  }

  private IngestStats snapshot() {
    Pipeline current = pipeline;
    Ledger.Snapshot accounts = ledger.snapshot();
    return new IngestStats(
        accounts.datagramsReceived(),
        accounts.datagramsDecoded(),
        accounts.rejected(),
        accounts.datagramsIgnored(),
        accounts.recordsDecoded(),
        accounts.recovered(),
        accounts.persisted(),
        accounts.deadLettered(),
        accounts.dropped(),
        accounts.queued(),
        accounts.spooled(),
        accounts.lost(),
        current == null ? OptionalLong.empty() : current.port().kernelDrops(),
        accounts.notJournaled(),
        accounts.tornLines());
  }

  /**
   * Waits until the server is closed: by {@link #close}, by the exit, or by a failure of its own.
   *
   * @throws InterruptedException if the thread is interrupted meanwhile
   */
  public void awaitClose() throws InterruptedException {
    closed.await();
  }

  /**
   * Drains and closes the server, and takes the registration back: reads what the kernel has
   * buffered, closes the socket, writes what is queued, closes the sink, and tells the {@code
   * onClose} listener. Blocks until that is done, at most the drain timeout and one second; an
   * interrupt does not cut it short, the flag is kept. What could not be written in that time goes
   * to the spool; if there is none it is lost, counted, and logged as an error.
   *
   * <p>During a start it ends the start, which then throws.
   *
   * <p>Further calls wait for the first and do nothing. A call from the sink or from the {@code
   * onClose} listener, for which the drain would have to wait, only begins it.
   */
  @Override
  public void close() {
    close(Long.MAX_VALUE);
  }

  private void close(long listenerNanos) {
    if (isOwnThread()) {
      closeInBackground();
      return;
    }
    boolean interrupted = false;
    boolean first;
    synchronized (lock) {
      while (state == State.STARTING) {
        closedWhileStarting.completeExceptionally(new CancellationException());
        try {
          lock.wait();
        } catch (InterruptedException e) {
          interrupted = true;
        }
      }
      first = state == State.RUNNING;
      if (first) {
        state = State.CLOSING;
      } else if (state == State.NEW) {
        end();
      }
    }
    if (first) {
      drain();
    }
    synchronized (lock) {
      while (state != State.CLOSED) {
        try {
          lock.wait();
        } catch (InterruptedException e) {
          interrupted = true;
        }
      }
    }
    for (boolean waited = false; !waited; ) {
      try {
        closed.await(listenerNanos, TimeUnit.NANOSECONDS);
        waited = true;
      } catch (InterruptedException e) {
        interrupted = true;
      }
    }
    if (interrupted) {
      Thread.currentThread().interrupt();
    }
  }

  private void drain() {
    closer = Thread.currentThread();
    try {
      Objects.requireNonNull(pipeline).drain(settings.drainTimeout().toNanos());
    } finally {
      end();
      closer = null;
    }
  }

  /**
   * Ends the book and tells who waits for it. The registration goes last: an exit that begins
   * meanwhile has to find it, and to wait.
   */
  private void end() {
    ledger.close();
    IngestStats last = snapshot();
    finalStats = last;
    setState(State.CLOSED);
    try {
      if (last.lost() > 0) {
        LOGGER.log(Level.ERROR, lossMessage(last.lost()));
      }
      if (last.spooled() > 0) {
        LOGGER.log(
            Level.WARNING,
            last.spooled()
                + " records are left in the spool "
                + settings.spool()
                + ", for the next server that has it");
      }
      if (closer != null) {
        settings.onClose().accept(last);
      }
    } catch (Throwable t) {
      LOGGER.log(Level.ERROR, "the onClose listener of " + this + " failed", t);
    } finally {
      CleanupRegistry.Registration drain = registration;
      if (drain != null) {
        drain.unregister();
      }
      closed.countDown();
    }
  }

  private void setState(State next) {
    synchronized (lock) {
      state = next;
      lock.notifyAll();
    }
  }

  private boolean isOwnThread() {
    Thread thread = Thread.currentThread();
    return thread == closer || Pipeline.owns(ledger, thread);
  }

  /** Closes without waiting for the drain, on a thread that the drain does not wait for. */
  private void closeInBackground() {
    Thread thread = new Thread(this::close, "ingest-closer");
    thread.setDaemon(true);
    thread.start();
  }

  private String lossMessage(long lost) {
    Pipeline current = pipeline;
    return lost
        + " records could not be stored before the end of the drain, which has "
        + settings.drainTimeout().toMillis()
        + " ms, and are lost: "
        + (current == null ? "" : current.trouble());
  }

  @Override
  public String toString() {
    Pipeline current = pipeline;
    return "ingest server at "
        + (current == null ? settings.address() : current.port().localAddress());
  }
}
