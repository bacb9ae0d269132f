package dev.ingest.cleanup;

import java.util.Optional;
import jdk.jfr.Category;
import jdk.jfr.Description;
import jdk.jfr.Event;
import jdk.jfr.FlightRecorder;
import jdk.jfr.Label;
import jdk.jfr.Name;
import jdk.jfr.StackTrace;
import org.jspecify.annotations.Nullable;

/** The event of a run, for Java Flight Recorder. Not to be touched unless that records. */
@Name("dev.ingest.CleanupRun")
@Label("Cleanup Run")
@Description("The actions of a cleanup registry were run")
@Category("Ingest")
@StackTrace(false)
final class RunEvent extends Event {
  @Label("At Exit")
  final boolean atExit;

  @Label("Actions")
  int actions;

  @Label("Failed Actions")
  int failures;

  private RunEvent(Run.Then then) {
    this.atExit = then == Run.Then.CLOSE;
  }

  /** Counts an action that has returned, by what it threw; null if nothing. */
  void ran(@Nullable Throwable failure) {
    actions++;
    failures += failure == null ? 0 : 1;
  }

  /** Begins the events, if there is somebody to see them. */
  static final class Recorder {
    private static final boolean IS_POSSIBLE = isPossible();

    private Recorder() {}

    private static boolean isPossible() {
      Optional<Module> jfr = ModuleLayer.boot().findModule("jdk.jfr");
      return jfr.isPresent() && Recorder.class.getModule().canRead(jfr.get());
    }

    /** Returns null unless a recording runs, or has run in this process. */
    static @Nullable RunEvent begin(Run.Then then) {
      try {
        if (IS_POSSIBLE && FlightRecorder.isInitialized()) {
          RunEvent event = new RunEvent(then);
          event.begin();
          return event;
        }
      } catch (LinkageError e) {
        // At the exit the files may be gone, and nothing loads this class before it is needed.
      }
      return null;
    }
  }
}
