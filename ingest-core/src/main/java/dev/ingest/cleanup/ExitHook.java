package dev.ingest.cleanup;

import java.lang.invoke.MethodHandles;
import org.jspecify.annotations.Nullable;

/**
 * The JVM's shutdown hook, there only while it is needed. Guarded by the lock of {@link
 * PendingActions}.
 *
 * <p>Each {@link #add} that adds the hook makes a new thread, and {@link #remove} keeps none: up to
 * JDK 23 an unstarted thread holds its creator's access control context, and through that the class
 * loader of whoever registered first.
 */
final class ExitHook {
  private final Runnable exitRun;
  private @Nullable Thread thread;

  ExitHook(Runnable exitRun) {
    this.exitRun = exitRun;
    loadWhatTheExitNeeds();
  }

  /** Adds the hook unless it is there. Throws IllegalStateException if the JVM is exiting. */
  void add() {
    if (thread != null) {
      return;
    }
    Thread added = newThread(exitRun, "ingest-cleanup");
    try {
      Runtime.getRuntime().addShutdownHook(added);
    } catch (IllegalStateException exiting) {
      throw new IllegalStateException(
          "The JVM is exiting and no cleanup was pending: register before the exit", exiting);
    }
    thread = added;
  }

  /** Removes the hook if it is there. */
  void remove() {
    if (thread == null) {
      return;
    }
    try {
      Runtime.getRuntime().removeShutdownHook(thread);
      thread = null;
    } catch (IllegalStateException exiting) {
      // The JVM is exiting: the hook runs, and also runs what is registered before it ends.
    }
  }

  /**
   * Makes a non-daemon thread that has nothing of the thread that makes it: no thread-locals, no
   * context class loader, no thread group (which may be destroyed by the time of the exit).
   */
  static Thread newThread(Runnable task, String name) {
    ThreadGroup root = Thread.currentThread().getThreadGroup();
    for (ThreadGroup parent = root.getParent(); parent != null; parent = root.getParent()) {
      root = parent;
    }
    Thread thread = new Thread(root, task, name, 0, false);
    thread.setDaemon(false);
    thread.setContextClassLoader(ClassLoader.getSystemClassLoader());
    return thread;
  }

  /**
   * Loads the classes while their files are there: by the time of the exit these may be gone. Loads
   * them before any registration, because class loaders are code of others, which must not run
   * under the lock.
   */
  private static void loadWhatTheExitNeeds() {
    try {
      MethodHandles.Lookup lookup = MethodHandles.lookup();
      lookup.ensureInitialized(Run.class);
      lookup.ensureInitialized(Run.Then.class);
      lookup.ensureInitialized(Drain.class);
      lookup.ensureInitialized(RunEvent.Recorder.class);
      lookup.ensureInitialized(ExitRun.class);
      lookup.ensureInitialized(ExitRun.Runner.class);
      lookup.ensureInitialized(ExitRun.LastReport.class);
      lookup.ensureInitialized(Unfinished.class);
      lookup.ensureInitialized(FailureReport.class);
      lookup.ensureInitialized(ErrorOutput.class);
      lookup.ensureInitialized(ErrorOutput.Printing.class);
      lookup.ensureInitialized(ErrorOutput.DaemonThreads.class);
      lookup.ensureInitialized(CleanupException.class);
    } catch (IllegalAccessException impossible) {
      throw new AssertionError(impossible);
    }
  }
}
