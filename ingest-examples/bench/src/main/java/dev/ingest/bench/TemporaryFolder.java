package dev.ingest.bench;

import dev.ingest.cleanup.CleanupRegistry;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.stream.Stream;

/** A folder that is deleted with all that is in it, at the latest at the end of the process. */
final class TemporaryFolder implements AutoCloseable {
  private final Path path;
  private final CleanupRegistry.Registration atExit;

  private TemporaryFolder(Path path) {
    this.path = path;
    this.atExit = CleanupRegistry.global().register(this::delete);
  }

  static TemporaryFolder create(String prefix) throws IOException {
    return new TemporaryFolder(Files.createTempDirectory(prefix));
  }

  static TemporaryFolder createIn(Path parent, String prefix) throws IOException {
    return new TemporaryFolder(Files.createTempDirectory(parent, prefix));
  }

  Path path() {
    return path;
  }

  private void delete() throws IOException {
    if (Files.notExists(path)) {
      return; // the end of the process came before the end of the work
    }
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
