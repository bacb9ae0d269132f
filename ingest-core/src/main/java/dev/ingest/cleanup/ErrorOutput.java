package dev.ingest.cleanup;

import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;

/**
 * Prints to {@code System.err} on a daemon thread, since that can block for ever: it may be a full
 * pipe that nobody reads. Who prints waits until it is done, but at most {@value #WAIT_MILLIS} ms,
 * and while an earlier text is late not at all. Up to {@value #CAPACITY} texts wait for their turn
 * then; what comes after them is not printed. Any thread.
 */
final class ErrorOutput {
  private static final long WAIT_MILLIS = 1_000;
  private static final int CAPACITY = 256;

  private static final ThreadPoolExecutor PRINTER =
      new ThreadPoolExecutor(
          0, 1, 1, TimeUnit.SECONDS, new ArrayBlockingQueue<>(CAPACITY), new DaemonThreads());

  /** What was not printed in time, if anything. */
  private static volatile @Nullable FutureTask<?> late;

  private ErrorOutput() {}

  static void print(String text) {
    FutureTask<?> printing = new FutureTask<>(new Printing(text), null);
    try {
      PRINTER.execute(printing);
    } catch (RejectedExecutionException full) {
      return;
    } catch (OutOfMemoryError noThread) {
      printing.run();
    }
    FutureTask<?> earlier = late;
    if (earlier == null || earlier.isDone()) {
      await(printing);
    }
  }

  private static void await(FutureTask<?> printing) {
    try {
      printing.get(WAIT_MILLIS, TimeUnit.MILLISECONDS);
    } catch (TimeoutException e) {
      late = printing;
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    } catch (ExecutionException e) {
      // System.err itself fails: there is nowhere left to report to.
    }
  }

  /** Prints a text in one call, so that those of two threads do not mix. */
  static final class Printing implements Runnable {
    private final String text;

    Printing(String text) {
      this.text = text;
    }

    @Override
    public void run() {
      System.err.print(text);
      System.err.flush();
    }
  }

  /** Makes the thread that prints. */
  static final class DaemonThreads implements ThreadFactory {
    @Override
    public Thread newThread(Runnable task) {
      Thread thread = ExitHook.newThread(task, "ingest-cleanup-print");
      thread.setDaemon(true);
      return thread;
    }
  }
}
