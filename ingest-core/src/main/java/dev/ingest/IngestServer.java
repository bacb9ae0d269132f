package dev.ingest;

import dev.ingest.cleanup.CleanupRegistry;
import dev.ingest.internal.ledger.Ledger;
import dev.ingest.internal.log.Log;
import dev.ingest.internal.server.Lifecycle;
import dev.ingest.internal.server.Pipeline;
import dev.ingest.internal.server.Settings;
import dev.ingest.sink.SinkException;
import dev.ingest.stats.IngestStats;
import java.io.IOException;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * Receives messages and stores their records through a sink, and at exit stores what had arrived
 * before.
 *
 * <pre>{@code
 * IngestServer server = IngestServer.builder()
 *     .schema(readings)
 *     .bind("0.0.0.0", 12345)
 *     .sink("sqlite:sensors.db")
 *     .build().start();
 * }</pre>
 *
 * <p>The drain is registered in {@link CleanupRegistry#global()}, which runs it when the process
 * exits in any ordinary way. A host that ends the server earlier calls {@link #close}. A program
 * that does nothing else ends its {@code main} with
 *
 * <pre>{@code
 * System.exit(server.awaitClose() == CloseReason.FAILED ? 1 : 0);
 * }</pre>
 *
 * <p>A started server has two daemon threads, {@code ingest-receiver} and {@code ingest-writer},
 * with several receivers {@code ingest-receiver-1} and so on, with {@link
 * dev.ingest.policy.JournalSync#EVERY_SECOND} also {@code ingest-journal}, and {@code ingest-disk}
 * for each receiver that writes to disk; being daemons they do not keep the process alive, see
 * {@link #awaitClose()}. If one of them fails beyond repair (by an {@link OutOfMemoryError}, say)
 * that is logged as an error, and the server drains what it has and closes.
 *
 * <p>All servers log on one more daemon thread, {@code ingest-log}, there for some seconds after a
 * line: a logger that blocks holds up no other thread. A close waits at most a second for the log.
 * A server is started once. All methods are thread-safe.
 */
public final class IngestServer implements AutoCloseable {
  private static final Logger LOGGER = Log.of("dev.ingest");

  /** The exit does not wait longer for a listener, which may itself wait for the exit. */
  private static final long LISTENER_AT_EXIT_NANOS = TimeUnit.SECONDS.toNanos(1);

  private static final int RESERVE_BYTES = 1 << 19;

  private final Settings settings;
  private final CleanupRegistry registry;
  private final Consumer<? super CloseEvent> onClose;
  private final Ledger ledger = new Ledger();
  private final Lifecycle lifecycle = new Lifecycle();
  private final AtomicReference<@Nullable Ending> ending = new AtomicReference<>();

  /** Released when a thread dies, so that an OutOfMemoryError leaves enough to close. */
  @SuppressWarnings("UnusedVariable") // held, and never read
  private volatile byte @Nullable [] reserve;

  private volatile @Nullable Pipeline pipeline;
  private volatile CleanupRegistry.@Nullable Registration registration;
  private volatile @Nullable Thread closer;
  private volatile @Nullable IngestStats finalStats;

  /** The first reason to close; later ones change nothing. */
  private record Ending(CloseReason reason, @Nullable Throwable failure) {}

  /** The drain at exit, with a name for the registry's reports. */
  private record ExitDrain(IngestServer server) implements CleanupRegistry.Action {
    @Override
    public void run() {
      server.close(new Ending(CloseReason.EXIT, null), LISTENER_AT_EXIT_NANOS);
      long lost = server.stats().records().lost();
      if (lost > 0) {
        // Reported by the registry, even if a logger no longer writes.
        throw Objects.requireNonNull(server.pipeline).loss(lost);
      }
    }

    @Override
    public String toString() {
      return "drain of " + server;
    }
  }

  IngestServer(Settings settings, CleanupRegistry registry, Consumer<? super CloseEvent> onClose) {
    this.settings = settings;
    this.registry = registry;
    this.onClose = onClose;
  }

  /**
   * Returns a builder with every setting at its default.
   *
   * @return a builder
   */
  public static IngestServerBuilder builder() {
    return new IngestServerBuilder();
  }

  /**
   * Registers the drain, opens the sink, binds the sources and starts receiving. Blocks as long as
   * the sink's {@code open} does. A start that fails leaves nothing behind.
   *
   * @return this server
   * @throws IOException if an address cannot be bound (the port is taken, there is no permission,
   *     the host is unknown), or the dead-letter file or the spool cannot be used; the message
   *     names it. Also {@link java.io.InterruptedIOException} if the thread was interrupted, or the
   *     server closed, while the sink was opened
   * @throws SinkException if the sink cannot be opened
   * @throws IllegalStateException if the server was started or closed before, or the JVM is
   *     shutting down
   */
  public IngestServer start() throws IOException, SinkException {
    if (!lifecycle.beginStart()) {
      throw new IllegalStateException(
          this + " was started or closed before: a server is started once, build another");
    }
    try {
      reserve = new byte[RESERVE_BYTES];
      // An exit that begins during the start has to find the drain, which ends the start.
      CleanupRegistry.Registration early = registerDrain();
      pipeline = Pipeline.start(settings, ledger, this::failed, lifecycle.startCancelled());
      // Later than what the sink has registered when it was opened, and so run before that.
      registerDrain();
      early.unregister();
      lifecycle.started();
      return this;
    } catch (Throwable t) {
      ending.compareAndSet(null, new Ending(CloseReason.FAILED, t));
      drain(); // nothing, but for a failure behind the start of the pipeline
      throw t;
    }
  }

  private CleanupRegistry.Registration registerDrain() {
    CleanupRegistry.Registration drain = registry.register(new ExitDrain(this));
    registration = drain;
    return drain;
  }

  /** A thread of the pipeline has died: what is there is drained, and the host learns of it. */
  private void failed(Throwable failure) {
    reserve = null;
    ending.compareAndSet(null, new Ending(CloseReason.FAILED, failure));
    closeInBackground(); // first, since there may be no memory for the message
    LOGGER.log(Level.ERROR, this + " cannot go on and closes", failure);
  }

  /**
   * Returns the address of the first source that has an IP address, with the real port.
   *
   * @return the address, also after the close
   * @throws IllegalStateException if the server was not started, or has Unix sockets only
   */
  public InetSocketAddress localAddress() {
    return localAddresses().stream()
        .flatMap(any -> any instanceof InetSocketAddress inet ? Stream.of(inet) : Stream.empty())
        .findFirst()
        .orElseThrow(() -> new IllegalStateException(this + " has no source with an IP address"));
  }

  /**
   * Returns the addresses that the sources are bound to, with their real ports.
   *
   * @return for each source, in the order of the builder's calls, an {@link InetSocketAddress} or a
   *     {@link java.net.UnixDomainSocketAddress}; also after the close
   * @throws IllegalStateException if the server was not started
   */
  public List<SocketAddress> localAddresses() {
    Pipeline current = pipeline;
    if (current == null) {
      throw new IllegalStateException(this + " was not started: it has no address before that");
    }
    return current.localAddresses();
  }

  /**
   * Returns the accounts. Reads the kernel's counter from /proc, so it takes some ten microseconds.
   *
   * @return one consistent snapshot; after the close always the final one
   */
  public IngestStats stats() {
    IngestStats last = finalStats;
    return last != null ? last : snapshot();
  }

  private IngestStats snapshot() {
    Pipeline current = pipeline;
    return ledger.snapshot(current == null ? OptionalLong.empty() : current.kernelDrops());
  }

  /**
   * Waits until the server is closed: by {@link #close}, by the exit, or by a failure of its own.
   *
   * <p>When this returns {@link CloseReason#EXIT}, the process is exiting, unless the host ran the
   * registry by itself. A {@code System.exit} with a status other than 0 could then replace the
   * status of that exit; and the JVM may end before the code after this call runs, so that what
   * must run belongs in the {@code onClose} listener.
   *
   * @return why the server was closed
   * @throws InterruptedException if the thread is interrupted meanwhile
   */
  public CloseReason awaitClose() throws InterruptedException {
    lifecycle.awaitDone();
    Ending last = ending.get();
    return last == null ? CloseReason.CLOSED : last.reason();
  }

  /**
   * Returns what the server failed of: what {@link #start} threw, or what one of its threads met.
   *
   * @return empty unless the server was or is being closed for {@link CloseReason#FAILED}
   */
  public Optional<Throwable> failure() {
    return Optional.ofNullable(ending.get()).map(Ending::failure);
  }

  /**
   * Drains and closes the server, and takes the registration back: reads what the kernel has
   * buffered, closes the sockets, writes what is queued, closes the sink, and calls the {@code
   * onClose} listener. Blocks until that is done; an interrupt does not cut it short, the flag is
   * kept. The drain takes at most the drain timeout and one second. What could not be written in
   * that time goes to the spool; if there is none it is lost, counted, and logged as an error. The
   * disks of the spool and the dead letters are waited for until the drain timeout is over, or for
   * another second, and so is a log that does not take its lines. The listener has no limit.
   *
   * <p>During a start it ends the start, which then throws.
   *
   * <p>Further calls wait for the first and do nothing. A call from the sink or from the {@code
   * onClose} listener, for which the drain would have to wait, only begins the close.
   */
  @Override
  public void close() {
    close(new Ending(CloseReason.CLOSED, null), Long.MAX_VALUE);
  }

  private void close(Ending why, long listenerNanos) {
    ending.compareAndSet(null, why);
    Thread thread = Thread.currentThread();
    if (thread == closer || Pipeline.owns(ledger, thread)) {
      closeInBackground();
      return;
    }
    if (lifecycle.beginClose()) {
      drain();
    }
    lifecycle.awaitClosedAndDone(listenerNanos);
  }

  private void drain() {
    closer = Thread.currentThread();
    try {
      Pipeline started = pipeline;
      if (started != null) {
        started.drain();
      }
    } finally {
      end();
      closer = null;
    }
  }

  /**
   * Closes the ledger, calls the listener, and wakes those who wait for that. The registration goes
   * last: an exit that begins meanwhile has to find it, and to wait.
   */
  private void end() {
    ledger.close();
    IngestStats last = snapshot();
    finalStats = last;
    lifecycle.closed();
    try {
      report(last);
    } finally {
      CleanupRegistry.Registration drain = registration;
      if (drain != null) {
        drain.unregister();
      }
      lifecycle.done();
    }
  }

  private void report(IngestStats last) {
    try {
      logWhatIsLeft(last);
      Log.awaitWritten(); // before the listener, which may end the process
    } finally { // whatever fails
      callListener(last);
    }
  }

  private void callListener(IngestStats last) {
    Ending why = ending.get();
    if (pipeline != null && why != null) {
      try {
        onClose.accept(new CloseEvent(last, why.reason(), why.failure()));
      } catch (Throwable t) {
        LOGGER.log(Level.ERROR, "the onClose listener of " + this + " failed", t);
        Log.awaitWritten();
      }
    }
  }

  private void logWhatIsLeft(IngestStats last) {
    long lost = last.records().lost();
    if (lost > 0) {
      Throwable loss = Objects.requireNonNull(pipeline).loss(lost);
      LOGGER.log(Level.ERROR, loss.getMessage(), loss.getCause());
    }
    long spooled = last.records().spooled();
    if (spooled > 0 && settings.spooling() != null) {
      LOGGER.log(
          Level.WARNING,
          spooled
              + " records are left in the spool "
              + settings.spooling().directory()
              + ", for the next server that has it");
    }
  }

  /** Closes without waiting for the drain, on a thread that the drain does not wait for. */
  private void closeInBackground() {
    Thread thread = new Thread(this::close, "ingest-closer");
    thread.setDaemon(true);
    thread.start();
  }

  @Override
  public String toString() {
    Pipeline current = pipeline;
    return "ingest server at " + (current == null ? settings.sourcesText() : current);
  }
}
