package dev.ingest;

import dev.ingest.cleanup.CleanupRegistry;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/** The drain at exit, and its registration, with a name for the registry's reports. */
final class ExitDrain implements CleanupRegistry.Action {
  /** The exit does not wait longer for a listener, which may itself wait for the exit. */
  private static final long LISTENER_NANOS = TimeUnit.SECONDS.toNanos(1);

  private final IngestServer server;
  private final @Nullable CleanupRegistry registry;
  private volatile CleanupRegistry.@Nullable Registration registration;

  /**
   * Makes a drain that is not registered.
   *
   * @param registry null if the host closes the server at exit
   */
  ExitDrain(IngestServer server, @Nullable CleanupRegistry registry) {
    this.server = server;
    this.registry = registry;
  }

  /**
   * Registers the drain, so that it runs before what was registered until now. If it was registered
   * before, it is so at every moment.
   */
  void register() {
    CleanupRegistry.Registration earlier = registration;
    if (registry != null) {
      registration = registry.register(this);
    }
    if (earlier != null) {
      earlier.unregister();
    }
  }

  /** Takes the registration back. */
  void unregister() {
    CleanupRegistry.Registration last = registration;
    if (last != null) {
      last.unregister();
    }
  }

  @Override
  public void run() {
    server.closeFor(new Ending(CloseReason.EXIT, null), LISTENER_NANOS);
    IllegalStateException loss = server.loss();
    if (loss != null) {
      throw loss; // reported by the registry, even if a logger no longer writes
    }
  }

  @Override
  public String toString() {
    return "drain of " + server;
  }
}
