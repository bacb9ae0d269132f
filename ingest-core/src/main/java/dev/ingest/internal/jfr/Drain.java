package dev.ingest.internal.jfr;

import jdk.jfr.Category;
import jdk.jfr.Description;
import jdk.jfr.Event;
import jdk.jfr.Label;
import jdk.jfr.Name;
import jdk.jfr.StackTrace;

/** The event of a server that stored what had arrived, and closed. */
@Name("dev.ingest.Drain")
@Label("Drain")
@Description("A server stored what had arrived before it closed")
@Category("Ingest")
@StackTrace(false)
public final class Drain extends Event {
  @Label("In Time")
  @Description("Whether the receivers and the writer ended before the drain timeout")
  public boolean inTime;

  private Drain() {}

  /** Begins a drain. Only while {@link FlightRecording#isOn}. */
  public static Drain begun() {
    Drain drain = new Drain();
    drain.begin();
    return drain;
  }
}
