package dev.ingest;

import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/** A second JVM, whose output goes to files. Closing it kills it, if it has not ended. */
final class ChildJvm implements AutoCloseable {
  private final Path out;
  private final Path err;
  private final Process process;

  /** Runs the java command with these arguments. */
  ChildJvm(Path directory, List<String> arguments) throws IOException {
    out = directory.resolve("out.txt");
    err = directory.resolve("err.txt");
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.addAll(List.of("-XX:TieredStopAtLevel=1", "-XX:+UseSerialGC", "-Xmx64m"));
    command.addAll(arguments);
    ProcessBuilder builder =
        new ProcessBuilder(command).redirectOutput(out.toFile()).redirectError(err.toFile());
    builder.environment().keySet().removeIf(name -> name.endsWith("JAVA_OPTIONS"));
    builder.environment().remove("JAVA_TOOL_OPTIONS");
    process = builder.start();
  }

  /** The exit status, once it has ended by itself. */
  int exitStatus() throws IOException, InterruptedException {
    assertTrue(process.waitFor(60, TimeUnit.SECONDS), "the JVM does not end");
    return process.exitValue();
  }

  void signal(String name) throws IOException, InterruptedException {
    int status =
        new ProcessBuilder("kill", "-" + name, Long.toString(process.pid())).start().waitFor();
    assertTrue(status == 0, "kill failed");
  }

  boolean isAlive() {
    return process.isAlive();
  }

  String out() throws IOException {
    return Files.readString(out);
  }

  String err() throws IOException {
    return Files.readString(err);
  }

  @Override
  public String toString() {
    try {
      return "out: " + out() + "\nerr: " + err();
    } catch (IOException e) {
      return e.toString();
    }
  }

  @Override
  public void close() {
    process.destroyForcibly();
  }
}
