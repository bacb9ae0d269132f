package dev.ingest.examples;

import dev.ingest.testing.ChildJvm;
import java.nio.file.Path;

/** Starts the examples as the README says: from the jar, without options of the JVM. */
final class ExamplesJar {
  static final Path FILE = Path.of("target", "ingest-examples.jar").toAbsolutePath();

  private ExamplesJar() {}

  static ChildJvm start(Path directory, Class<?> example, String... args) {
    return in(directory).start(example, args);
  }

  static ChildJvm.Launcher in(Path directory) {
    return ChildJvm.in(directory)
        .withoutOptions()
        .options("-XX:TieredStopAtLevel=1", "-XX:+UseSerialGC") // as fast to start, and cheaper
        .classPath(FILE.toString());
  }
}
