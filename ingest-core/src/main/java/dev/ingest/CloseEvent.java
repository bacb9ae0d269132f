package dev.ingest;

import dev.ingest.stats.IngestStats;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** The close of a server, as an {@link IngestServerBuilder#onClose} listener gets it. Immutable. */
public final class CloseEvent {
  private final IngestStats stats;
  private final CloseReason reason;
  private final @Nullable Throwable failure;

  CloseEvent(IngestStats stats, CloseReason reason, @Nullable Throwable failure) {
    this.stats = stats;
    this.reason = reason;
    this.failure = failure;
  }

  /**
   * Returns the final account.
   *
   * @return what {@link IngestServer#stats} returns from now on
   */
  public IngestStats stats() {
    return stats;
  }

  /**
   * Returns why the server was closed.
   *
   * @return the first reason that there was
   */
  public CloseReason reason() {
    return reason;
  }

  /**
   * Returns what the server failed of.
   *
   * @return present if and only if the reason is {@link CloseReason#FAILED}
   */
  public Optional<Throwable> failure() {
    return Optional.ofNullable(failure);
  }

  @Override
  public String toString() {
    return "CloseEvent[" + reason + (failure == null ? "" : ", " + failure) + ", " + stats + ']';
  }
}
