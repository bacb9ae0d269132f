package dev.ingest;

import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.net.URISyntaxException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** What keeps the library small; Checkstyle holds the limits of single files and methods. */
class SizesIT {
  private static final long MAX_JAR_BYTES = 496 << 10;
  private static final long MAX_MEDIAN_LINES = 110;

  @Test
  void the_jar_is_small() throws IOException, URISyntaxException {
    Path jar =
        Path.of(IngestServer.class.getProtectionDomain().getCodeSource().getLocation().toURI());
    assertTrue(Files.isRegularFile(jar), () -> jar + " is no jar");
    long bytes = Files.size(jar);
    assertTrue(bytes < MAX_JAR_BYTES, () -> jar + " has " + bytes + " bytes");
  }

  @Test
  void most_files_are_short() throws IOException {
    List<Long> lengths;
    try (Stream<Path> files = Files.walk(Path.of("src", "main", "java"))) {
      lengths =
          files
              .filter(file -> file.toString().endsWith(".java"))
              .filter(file -> !file.endsWith("package-info.java"))
              .map(SizesIT::lines)
              .sorted()
              .toList();
    }
    long median = lengths.get(lengths.size() / 2);
    assertTrue(median <= MAX_MEDIAN_LINES, () -> "the median is " + median + " lines");
  }

  private static long lines(Path file) {
    try (Stream<String> lines = Files.lines(file)) {
      return lines.count();
    } catch (IOException e) {
      throw new AssertionError(e);
    }
  }
}
