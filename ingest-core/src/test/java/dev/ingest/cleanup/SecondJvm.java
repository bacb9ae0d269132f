package dev.ingest.cleanup;

import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/** A JVM that is started, perhaps killed, and looked at after its end. */
final class SecondJvm {
  private static final Duration PATIENCE = Duration.ofSeconds(60);

  /** What is left of a JVM. */
  record Ended(int status, List<String> out, List<String> err) {}

  private final Process process;
  private final Path out;
  private final Path err;

  private SecondJvm(Process process, Path out, Path err) {
    this.process = process;
    this.out = out;
    this.err = err;
  }

  /** Starts {@link ExitProgram} on this JVM's class path. */
  static SecondJvm start(Path directory, List<String> options, String... program) {
    List<String> arguments = new ArrayList<>(options);
    arguments.addAll(List.of("-cp", System.getProperty("java.class.path")));
    arguments.add(ExitProgram.class.getName());
    arguments.addAll(List.of(program));
    return java(directory, arguments);
  }

  static SecondJvm java(Path directory, List<String> arguments) {
    List<String> command = new ArrayList<>();
    if (System.getProperty("os.name").equals("Linux")) {
      // A build in the background ignores SIGINT, one under nohup SIGHUP; children inherit that.
      command.addAll(List.of("env", "--default-signal"));
    }
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.addAll(List.of("-XX:TieredStopAtLevel=1", "-XX:+UseSerialGC", "-Xmx64m"));
    command.addAll(arguments);
    Path out = directory.resolve("out");
    Path err = directory.resolve("err");
    try {
      Process process =
          new ProcessBuilder(command)
              .directory(directory.toFile())
              .redirectOutput(out.toFile())
              .redirectError(err.toFile())
              .start();
      return new SecondJvm(process, out, err);
    } catch (IOException e) {
      throw new AssertionError(e);
    }
  }

  /** Sends a signal once the program has printed a line. */
  SecondJvm kill(String signal, String afterLine) {
    await().atMost(PATIENCE).until(() -> lines(out).contains(afterLine) || !process.isAlive());
    try {
      new ProcessBuilder("kill", "-" + signal, Long.toString(process.pid())).start().waitFor();
    } catch (IOException | InterruptedException e) {
      throw new AssertionError(e);
    }
    return this;
  }

  /** Waits for the end, which must come by itself. */
  Ended end() {
    try {
      if (!process.waitFor(PATIENCE.toSeconds(), TimeUnit.SECONDS)) {
        throw new AssertionError("hangs; out: " + lines(out) + " err: " + lines(err));
      }
      return new Ended(process.exitValue(), lines(out), lines(err));
    } catch (InterruptedException e) {
      throw new AssertionError(e);
    } finally {
      process.destroyForcibly();
    }
  }

  private static List<String> lines(Path file) {
    try {
      return Files.readAllLines(file);
    } catch (IOException e) {
      throw new AssertionError(e);
    }
  }
}
