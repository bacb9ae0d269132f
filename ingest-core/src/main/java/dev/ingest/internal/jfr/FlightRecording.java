package dev.ingest.internal.jfr;

import java.util.Optional;
import jdk.jfr.FlightRecorder;

/**
 * Tells whether events are worth making. The first event that a process makes starts the recorder,
 * which takes some 60 to 90 ms, and where the module jdk.jfr is missing there are none. So no class
 * of an event may be touched while {@link #isOn} is false.
 */
public final class FlightRecording {
  private static final boolean IS_POSSIBLE = isPossible();

  private FlightRecording() {}

  private static boolean isPossible() {
    Optional<Module> jfr = ModuleLayer.boot().findModule("jdk.jfr");
    return jfr.isPresent() && FlightRecording.class.getModule().canRead(jfr.get());
  }

  /** Tells whether a recording runs, or has run in this process. Costs next to nothing. */
  public static boolean isOn() {
    return IS_POSSIBLE && FlightRecorder.isInitialized();
  }
}
