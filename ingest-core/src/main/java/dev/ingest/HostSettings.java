package dev.ingest;

import dev.ingest.cleanup.CleanupRegistry;
import java.util.Objects;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * The settings of how a server ends with its host, and of what it tells the host.
 *
 * @param <B> the builder that has them
 */
abstract sealed class HostSettings<B extends HostSettings<B>> permits IngestServerBuilder {
  private CleanupRegistry cleanupRegistry = CleanupRegistry.global();
  private boolean drainAtExit = true;
  private Consumer<? super CloseEvent> onClose = event -> {};
  private @Nullable Consumer<? super StatusChange> onStatus;

  HostSettings() {}

  abstract B self();

  /**
   * Sets where the server registers its drain.
   *
   * @param registry the registry; {@link CleanupRegistry#global()}, which runs at the JVM's exit,
   *     unless set
   * @return this builder
   */
  public B cleanupRegistry(CleanupRegistry registry) {
    cleanupRegistry = Objects.requireNonNull(registry, "registry");
    return self();
  }

  /**
   * Sets whether the server drains itself when the process exits. Without that, nothing is
   * registered, and what is queued at the exit is lost, uncounted, unless the host has called
   * {@link IngestServer#close}.
   *
   * <p>So set it to false where the host closes the server at exit for sure, and only there: in a
   * container (such as Spring) that has the server as one of its objects, and closes it before the
   * connection pool that its sink uses. The container's shutdown hook and the registry's run at the
   * same time, so with true the pool may be closed under the drain.
   *
   * @param drain false to leave the drain to the host; true unless set
   * @return this builder
   */
  public B drainAtExit(boolean drain) {
    drainAtExit = drain;
    return self();
  }

  /**
   * Sets a listener that is called once, after the drain of a server that was running, on the
   * thread that closes the server, at exit that of the cleanup registry. What it throws is logged.
   * A listener that blocks, by printing to a pipe that nobody reads, say, holds up that thread, and
   * at exit the end of the process unless {@link CleanupRegistry#deadline} is set.
   *
   * @param listener gets the final account, and why the server was closed; none unless set
   * @return this builder
   */
  public B onClose(Consumer<? super CloseEvent> listener) {
    onClose = Objects.requireNonNull(listener, "listener");
    return self();
  }

  /**
   * Sets a listener that is called for every change of the {@linkplain IngestServer#status status},
   * in order and one at a time, on a daemon thread of its own, {@code ingest-status}, that is there
   * while there are changes to tell. Nothing waits for it, neither receiving nor writing nor the
   * close. So the status may have changed again when it is called, and it may call all methods of
   * the server. What it throws is logged.
   *
   * <p>While it blocks, at most 64 changes wait, and the last ones before the end: of further ones
   * a failure of the sink is left out together with the recovery from it, and that is logged.
   *
   * <p>The change to {@link ServerStatus#CLOSED} comes when the drain is over, at the same time as
   * the call of the {@code onClose} listener, before or after it. The JVM may end before it is
   * told: what must be done at the end belongs in that listener.
   *
   * @param listener gets the status before and after, and the failure; none unless set
   * @return this builder
   */
  public B onStatus(Consumer<? super StatusChange> listener) {
    onStatus = Objects.requireNonNull(listener, "listener");
    return self();
  }

  /** Returns where the server registers its drain; null for nowhere. */
  @Nullable CleanupRegistry registry() {
    return drainAtExit ? cleanupRegistry : null;
  }

  Consumer<? super CloseEvent> closeListener() {
    return onClose;
  }

  @Nullable Consumer<? super StatusChange> statusListener() {
    return onStatus;
  }
}
