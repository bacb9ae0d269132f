package dev.ingest.cleanup;

import java.lang.invoke.MethodHandles;
import org.jspecify.annotations.Nullable;

/**
 * The JVM's shutdown hook, there only while it is needed. Guarded by the lock of {@link
 * PendingActions}.
 *
 * <p>Each time it is added it is a new thread, and none is kept in between: up to JDK 23 an
 * unstarted thread holds its creator's access control context, and through that the class loader of
 * whoever registered first.
 */
final class ExitHook {
  private final Runnable exitRun;
  private @Nullable Thread thread;

  ExitHook(Runnable exitRun) {
    this.exitRun = exitRun;
    loadWhatTheExitNeeds();
  }

  void add() {
    if (thread != null) {
      return;
    }
    Thread added = newThread(exitRun, "ingest-cleanup", false);
    try {
      Runtime.getRuntime().addShutdownHook(added);
    } catch (IllegalStateException exiting) {
      throw new IllegalStateException(
          "The JVM is exiting and no cleanup was pending: register before the exit", exiting);
    }
    thread = added;
  }

  void remove() {
    if (thread == null) {
      return;
    }
    try {
      Runtime.getRuntime().removeShutdownHook(thread);
      thread = null;
    } catch (IllegalStateException exiting) {
      // The JVM is exiting: the hook runs, and what is registered until then is still for it.
    }
  }

  /**
   * Makes a thread that has nothing of the thread that makes it: no thread-locals, no context class
   * loader, no thread group (which may be destroyed by the time of the exit).
   */
  static Thread newThread(Runnable task, String name, boolean daemon) {
    ThreadGroup root = Thread.currentThread().getThreadGroup();
    for (ThreadGroup parent = root.getParent(); parent != null; parent = root.getParent()) {
      root = parent;
    }
    Thread thread = new Thread(root, task, name, 0, false);
    thread.setDaemon(daemon);
    thread.setContextClassLoader(ClassLoader.getSystemClassLoader());
    return thread;
  }

  /**
   * By the time of the exit the files that these classes come from may be gone. Early, too, because
   * class loaders are code of others, which must not run under the lock.
   */
  private static void loadWhatTheExitNeeds() {
    try {
      MethodHandles.Lookup lookup = MethodHandles.lookup();
      lookup.ensureInitialized(Run.class);
      lookup.ensureInitialized(ExitRun.class);
      lookup.ensureInitialized(ExitRun.Runner.class);
      lookup.ensureInitialized(ExitRun.LastReport.class);
      lookup.ensureInitialized(StatusGuard.class);
      lookup.ensureInitialized(Unfinished.class);
      lookup.ensureInitialized(FailureReport.class);
      lookup.ensureInitialized(CleanupException.class);
    } catch (IllegalAccessException impossible) {
      throw new AssertionError(impossible);
    }
  }
}
