package dev.ingest.internal.jfr;

import java.lang.invoke.MethodHandles;
import java.util.List;
import java.util.Optional;
import jdk.jfr.FlightRecorder;
import org.jspecify.annotations.Nullable;

/**
 * Tells whether events are worth making. The first event that a process makes starts the recorder,
 * which takes some 60 to 90 ms, and where the module jdk.jfr is missing there are none. So no class
 * of an event may be touched while {@link #isOn} is false.
 */
public final class FlightRecording {
  private static final boolean IS_POSSIBLE = isPossible();

  /** Whether the classes of the events could be loaded; null before that was tried. */
  private static volatile @Nullable Boolean loaded;

  private FlightRecording() {}

  private static boolean isPossible() {
    Optional<Module> jfr = ModuleLayer.boot().findModule("jdk.jfr");
    return jfr.isPresent() && FlightRecording.class.getModule().canRead(jfr.get());
  }

  /** Tells whether a recording runs, or has run in this process. Costs next to nothing. */
  public static boolean isOn() {
    return IS_POSSIBLE && FlightRecorder.isInitialized() && areLoaded();
  }

  private static boolean areLoaded() {
    Boolean known = loaded;
    if (known == null) {
      known = load();
      loaded = known;
    }
    return known;
  }

  /**
   * Loads the classes of all events: a recording may begin long after the start, when the library's
   * files are gone. A stage must not die of that.
   */
  private static boolean load() {
    try {
      MethodHandles.Lookup lookup = MethodHandles.lookup();
      for (Class<?> event :
          List.of(
              Drain.class,
              Overflows.Overflow.class,
              WriteEvents.class,
              WriteEvents.BatchWritten.class,
              WriteEvents.BatchFailed.class)) {
        lookup.ensureInitialized(event);
      }
      return true;
    } catch (LinkageError | IllegalAccessException e) {
      return false;
    }
  }
}
