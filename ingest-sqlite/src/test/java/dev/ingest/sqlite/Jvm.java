package dev.ingest.sqlite;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** Starts a main class of the tests in a JVM of its own. */
final class Jvm {
  private Jvm() {}

  static ProcessBuilder start(Class<?> mainClass, String... args) {
    return start(List.of(), mainClass, args);
  }

  static ProcessBuilder start(List<String> options, Class<?> mainClass, String... args) {
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.addAll(options);
    command.addAll(List.of("-cp", System.getProperty("java.class.path"), mainClass.getName()));
    command.addAll(List.of(args));
    return new ProcessBuilder(command);
  }
}
