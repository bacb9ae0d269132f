package dev.ingest.examples;

import static java.nio.charset.StandardCharsets.US_ASCII;

import java.io.IOException;
import java.io.OutputStream;
import java.io.PrintStream;
import java.io.UncheckedIOException;
import java.nio.charset.Charset;
import java.util.Arrays;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Future;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;

/**
 * A standard output that holds nobody up, though it may be a full pipe that nobody reads. A daemon
 * thread writes. Who flushes waits for that, but at most a second, and while an earlier flush is
 * late not at all. What finds no room in the queue is left out; how much is written once the pipe
 * is read again.
 *
 * <p>A server needs this to end by a signal when its output is stuck: the shutdown hook of
 * java.util.logging waits for whoever is in its console handler, without a limit.
 */
final class PatientOutput extends OutputStream {
  private static final int QUEUED_WRITES = 1_024;
  private static final long WAIT_MILLIS = 1_000;

  private final OutputStream target;
  private final AtomicLong leftOut = new AtomicLong();
  private final ThreadPoolExecutor writer;
  private volatile @Nullable Future<?> last;
  private volatile @Nullable Future<?> late;

  private PatientOutput(OutputStream target) {
    this.target = target;
    this.writer =
        new ThreadPoolExecutor(
            1,
            1,
            0,
            TimeUnit.SECONDS,
            new ArrayBlockingQueue<>(QUEUED_WRITES),
            task -> {
              Thread thread = new Thread(task, "standard-output");
              thread.setDaemon(true);
              return thread;
            });
  }

  /** Replaces standard output and error of this process. To be called before anything is logged. */
  static void install() {
    System.setOut(patient(System.out, "stdout.encoding"));
    System.setErr(patient(System.err, "stderr.encoding"));
  }

  private static PrintStream patient(PrintStream output, String encodingProperty) {
    // The property is there from JDK 19 on.
    String encoding = System.getProperty(encodingProperty, Charset.defaultCharset().name());
    return new PrintStream(new PatientOutput(output), true, Charset.forName(encoding));
  }

  @Override
  public void write(int oneByte) {
    write(new byte[] {(byte) oneByte}, 0, 1);
  }

  @Override
  public void write(byte[] bytes, int offset, int length) {
    byte[] copy = Arrays.copyOfRange(bytes, offset, offset + length);
    try {
      last = writer.submit(() -> writeNow(copy));
    } catch (RejectedExecutionException full) {
      leftOut.addAndGet(length);
    }
  }

  private void writeNow(byte[] bytes) {
    long missing = leftOut.getAndSet(0);
    try {
      if (missing > 0) {
        String notice = "\n(" + missing + " bytes of output were left out: nobody read them)\n";
        target.write(notice.getBytes(US_ASCII));
      }
      target.write(bytes);
      target.flush();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  @Override
  public void flush() {
    Future<?> writing = last;
    Future<?> earlier = late;
    if (writing == null || (earlier != null && !earlier.isDone())) {
      return;
    }
    try {
      writing.get(WAIT_MILLIS, TimeUnit.MILLISECONDS);
    } catch (TimeoutException e) {
      late = writing;
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    } catch (ExecutionException e) {
      // A PrintStream does not tell of failures either.
    }
  }
}
