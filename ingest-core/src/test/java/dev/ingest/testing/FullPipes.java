package dev.ingest.testing;

import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.io.IOException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;

/** Fills the standard output and error of a JVM that was started with pipes nobody reads. */
public final class FullPipes {
  /** A pipe that takes nothing for so long is full. */
  private static final long STILL_MILLIS = 500;

  private FullPipes() {}

  /**
   * Fills both, until a write blocks: that of a daemon thread, which stays there. Leaves {@code
   * System.out} and {@code System.err} alone, so that nobody has their locks.
   */
  public static void fill() throws InterruptedException {
    fill(FileDescriptor.out);
    fill(FileDescriptor.err);
  }

  private static void fill(FileDescriptor pipe) throws InterruptedException {
    AtomicLong written = new AtomicLong();
    Thread filler =
        new Thread(
            () -> {
              // Not closed: that would close the descriptor.
              @SuppressWarnings("resource")
              FileOutputStream out = new FileOutputStream(pipe);
              try {
                while (true) {
                  out.write('.');
                  written.incrementAndGet();
                }
              } catch (IOException e) {
                throw new AssertionError(e);
              }
            },
            "filler");
    filler.setDaemon(true);
    filler.start();
    long before;
    do {
      before = written.get();
      TimeUnit.MILLISECONDS.sleep(STILL_MILLIS);
    } while (before == 0 || written.get() != before);
  }
}
