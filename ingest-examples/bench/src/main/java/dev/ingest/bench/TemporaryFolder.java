package dev.ingest.bench;

import dev.ingest.cleanup.CleanupRegistry;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.stream.Stream;

/** A folder that is deleted with all its files, at the latest when the process exits. */
final class TemporaryFolder implements AutoCloseable {
  private static final int ATTEMPTS = 10;

  private final Path path;
  private final CleanupRegistry.Registration atExit;

  private TemporaryFolder(Path parent, String prefix) throws IOException {
    // The exit may come at any moment: it waits for the lock, and so deletes what is created here.
    synchronized (this) {
      atExit = CleanupRegistry.global().register(this::delete);
      try {
        path = Files.createTempDirectory(parent, prefix);
      } catch (IOException e) {
        atExit.unregister();
        throw e;
      }
    }
  }

  static TemporaryFolder create(String prefix) throws IOException {
    return createIn(Path.of(System.getProperty("java.io.tmpdir")), prefix);
  }

  static TemporaryFolder createIn(Path parent, String prefix) throws IOException {
    return new TemporaryFolder(parent, prefix);
  }

  Path path() {
    return path;
  }

  /**
   * Deletes the folder if it still exists. At the exit other threads still run: {@link #close()}
   * may be called as well, and files may come or go meanwhile, those of a database that is closed.
   */
  private synchronized void delete() throws IOException {
    if (path == null) {
      return; // it could not be created
    }
    for (int attempt = 1; Files.exists(path); attempt++) {
      try {
        deleteOnce();
      } catch (IOException | UncheckedIOException e) {
        if (attempt == ATTEMPTS) {
          throw e;
        }
      }
    }
  }

  private void deleteOnce() throws IOException {
    try (Stream<Path> files = Files.walk(path)) {
      for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
        Files.deleteIfExists(file);
      }
    }
  }

  @Override
  public void close() throws IOException {
    delete();
    atExit.unregister();
  }
}
