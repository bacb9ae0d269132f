package dev.ingest.internal.jfr;

import dev.ingest.policy.OverflowPolicy;
import jdk.jfr.Category;
import jdk.jfr.Description;
import jdk.jfr.Event;
import jdk.jfr.Label;
import jdk.jfr.Name;
import jdk.jfr.StackTrace;
import org.jspecify.annotations.Nullable;

/**
 * What a receiver does while the queue is full: an event for each overflow, from when there is no
 * room until there is some again. Used by one receiver.
 */
public final class Overflows {
  private final OverflowPolicy policy;
  private @Nullable Overflow current;

  @Name("dev.ingest.Overflow")
  @Label("Queue Overflow")
  @Description("A receiver found the queue full; the duration is that until there was room")
  @Category({"Ingest", "Queue"})
  @StackTrace(false)
  static final class Overflow extends Event {
    @Label("Overflow Policy")
    String policy = "";

    @Label("Dropped Records")
    long dropped;

    @Label("Spooled Records")
    long spooled;
  }

  /** Makes the events of a receiver. */
  public Overflows(OverflowPolicy policy) {
    this.policy = policy;
  }

  /** Begins an overflow, unless one is going on or nothing is recorded. */
  public void begin() {
    if (current == null && FlightRecording.isOn()) {
      current = new Overflow();
      current.policy = policy.name();
      current.begin();
    }
  }

  /** Adds records that were dropped meanwhile. */
  public void dropped(int records) {
    if (current != null) {
      current.dropped += records;
    }
  }

  /** Adds records that went to the spool meanwhile. */
  public void spooled(int records) {
    if (current != null) {
      current.spooled += records;
    }
  }

  /** Ends the overflow that is going on, if any is. */
  public void end() {
    if (current != null) {
      current.commit();
      current = null;
    }
  }
}
