package dev.ingest.cleanup;

import dev.ingest.cleanup.CleanupRegistry.Action;
import org.jspecify.annotations.Nullable;

/**
 * One registration, a node of the list in {@link PendingActions}, whose lock guards the links.
 *
 * <p>An entry drops its action when it leaves the list, so that a {@code Registration} that someone
 * keeps pins nothing.
 */
final class Entry implements CleanupRegistry.Registration {
  private final PendingActions owner;

  /** The action while this entry is in the list, then null. Read without the lock, too. */
  volatile @Nullable Action action;

  @Nullable Entry above;
  @Nullable Entry below;

  Entry(PendingActions owner, Action action) {
    this.owner = owner;
    this.action = action;
  }

  @Override
  public boolean unregister() {
    return owner.remove(this);
  }

  @Override
  public void close() {
    owner.remove(this);
  }
}
