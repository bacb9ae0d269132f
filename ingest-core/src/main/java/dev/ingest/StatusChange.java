package dev.ingest;

import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** A change of a server's status, as an {@link IngestServerBuilder#onStatus} listener gets it. */
public final class StatusChange {
  private final ServerStatus from;
  private final ServerStatus to;
  private final @Nullable Throwable failure;

  StatusChange(ServerStatus from, ServerStatus to, @Nullable Throwable failure) {
    this.from = from;
    this.to = to;
    this.failure = failure;
  }

  /**
   * Returns the status before.
   *
   * @return what the change before this one went to
   */
  public ServerStatus from() {
    return from;
  }

  /**
   * Returns the new status.
   *
   * @return another one than {@link #from()}
   */
  public ServerStatus to() {
    return to;
  }

  /**
   * Returns what {@link IngestServer#failure} returned when the status changed.
   *
   * @return what the sink threw, if the new status is {@link ServerStatus#SINK_FAILING}; what the
   *     server failed of, if it closes for {@link CloseReason#FAILED}; else empty
   */
  public Optional<Throwable> failure() {
    return Optional.ofNullable(failure);
  }

  boolean isUndoneBy(StatusChange next) {
    return from == next.to && to == next.from;
  }

  @Override
  public String toString() {
    return "StatusChange[" + from + " to " + to + (failure == null ? "" : ", " + failure) + ']';
  }
}
