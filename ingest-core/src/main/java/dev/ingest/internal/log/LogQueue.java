package dev.ingest.internal.log;

import java.lang.System.Logger;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.ResourceBundle;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * The lines that are to be logged, in their order, and the one thread that logs them. The lock is
 * never held while something is called that could block. Any thread.
 *
 * <p>The thread is there while there are lines, and some seconds longer, so that it does not hold
 * the class loader of a host that is done. It is no thread of an executor: java.util.logging prints
 * as the source of a line the first class on the stack that is no {@link Logger}, which would be
 * the executor; if there is none it prints the logger's name.
 */
final class LogQueue {
  static final LogQueue SHARED = new LogQueue(System.getLogger("dev.ingest"));

  /** How many lines wait at most. */
  static final int CAPACITY = 1_024;

  private static final long IDLE_NANOS = TimeUnit.SECONDS.toNanos(5);

  private final Logger ownLogger;
  private final Object lock = new Object();
  private final Deque<Runnable> lines = new ArrayDeque<>(CAPACITY); // this and the rest: by lock
  private @Nullable Thread thread;
  private boolean writing;
  private long leftOut;
  private @Nullable Throwable lastFailure;

  /** In the queue, stands for the line that says how many were left out. */
  private enum Notice implements Runnable {
    LEFT_OUT;

    @Override
    public void run() {}
  }

  /**
   * Makes an empty queue.
   *
   * @param ownLogger gets the number of lines that were left out
   */
  LogQueue(Logger ownLogger) {
    this.ownLogger = ownLogger;
  }

  /** Adds what logs a line. If there is no room it is counted as left out. Does not block. */
  void add(Runnable line) {
    if (!offer(line)) {
      leftOut(1, null);
    }
  }

  /** Adds what is to be done on the log thread, after the lines; false if there is no room. */
  boolean offer(Runnable line) {
    synchronized (lock) {
      if (lines.size() >= CAPACITY) {
        return false;
      }
      lines.add(line);
      if (thread == null) {
        startThread();
      }
      lock.notifyAll();
      return true;
    }
  }

  private void leftOut(long count, @Nullable Throwable failure) {
    synchronized (lock) {
      leftOut += count;
      lastFailure = failure == null ? lastFailure : failure;
    }
  }

  private void startThread() {
    try {
      Thread started = new LogThread();
      started.start();
      thread = started;
    } catch (OutOfMemoryError e) {
      // The line stays in the queue, and the next one tries again.
    }
  }

  /** Waits until all lines are logged; returns false if they are not in that time. */
  boolean awaitWritten(long nanos) {
    long deadline = System.nanoTime() + nanos;
    boolean interrupted = false;
    boolean written;
    synchronized (lock) {
      // The log thread itself cannot wait for that: a handler of the host may close the server.
      long left = thread == Thread.currentThread() ? 0 : nanos;
      while ((writing || !lines.isEmpty()) && left > 0) {
        try {
          TimeUnit.NANOSECONDS.timedWait(lock, left);
        } catch (InterruptedException e) {
          interrupted = true;
        }
        left = deadline - System.nanoTime();
      }
      written = !writing && lines.isEmpty();
    }
    if (interrupted) {
      Thread.currentThread().interrupt();
    }
    return written;
  }

  /** A {@link Logger} for the sake of java.util.logging, see {@link LogQueue}. */
  private final class LogThread extends Thread implements Logger {
    LogThread() {
      super(null, null, "ingest-log", 0, false); // inherits no thread locals
      setDaemon(true);
      setContextClassLoader(ClassLoader.getSystemClassLoader());
    }

    @Override
    public void run() {
      try {
        for (Runnable line = next(); line != null; line = next()) {
          if (line == Notice.LEFT_OUT) {
            logLeftOut();
          } else {
            logLine(line);
          }
        }
      } finally {
        synchronized (lock) {
          if (thread == this) { // no memory for a notice, say: the next line starts another
            thread = null;
            writing = false;
          }
        }
      }
    }

    /**
     * Takes the next line. Returns null, and ends the thread, if there was none for some seconds.
     */
    private @Nullable Runnable next() {
      synchronized (lock) {
        writing = false;
        lock.notifyAll();
        long deadline = System.nanoTime() + IDLE_NANOS;
        for (long left = IDLE_NANOS; lines.isEmpty(); left = deadline - System.nanoTime()) {
          if (left <= 0) {
            thread = null;
            return null;
          }
          try {
            TimeUnit.NANOSECONDS.timedWait(lock, left);
          } catch (InterruptedException e) {
            // Left behind by a logger, or by somebody who interrupts all threads: not meant for
            // this.
          }
        }
        Runnable line = lines.remove();
        if (leftOut > 0 && line != Notice.LEFT_OUT && !lines.contains(Notice.LEFT_OUT)) {
          lines.add(Notice.LEFT_OUT); // where those lines would be
        }
        writing = true;
        return line;
      }
    }

    private void logLine(Runnable line) {
      try {
        line.run();
      } catch (Throwable t) {
        leftOut(1, t);
      }
    }

    private void logLeftOut() {
      long count;
      Throwable failure;
      synchronized (lock) {
        count = leftOut;
        failure = lastFailure;
        leftOut = 0;
        lastFailure = null;
      }
      try {
        String message = " log lines were left out, since the log did not take them in time";
        String why = failure == null ? "" : "; it failed last with " + failure;
        ownLogger.log(Level.WARNING, Unprintable.escape(count + message + why));
      } catch (Throwable t) {
        leftOut(count, t);
      }
    }

    @Override
    public boolean isLoggable(Level level) {
      return ownLogger.isLoggable(level);
    }

    @Override
    public void log(
        Level level,
        @Nullable ResourceBundle bundle,
        @Nullable String message,
        @Nullable Throwable failure) {
      ownLogger.log(level, bundle, message, failure);
    }

    @Override
    public void log(
        Level level,
        @Nullable ResourceBundle bundle,
        @Nullable String format,
        Object @Nullable ... arguments) {
      ownLogger.log(level, bundle, format, arguments);
    }
  }
}
