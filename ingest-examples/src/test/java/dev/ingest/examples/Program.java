package dev.ingest.examples;

import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * An example in a JVM of its own, run from the jar as the README says, with its output in files.
 */
public final class Program implements AutoCloseable {
  private static final Pattern NATIVE_CODE =
      Pattern.compile(
          "WARNING: (A restricted method|java.lang.System::load|Use --enable-native-access|Restricted methods)");

  private static final Path JAR = Path.of("target", "ingest-examples.jar").toAbsolutePath();

  private final Path directory;
  private final Path out;
  private final Path err;
  private final Process process;

  private Program(Path directory, List<String> command) throws IOException {
    this.directory = directory;
    this.out = Files.createTempFile(directory, "out", ".txt");
    this.err = Files.createTempFile(directory, "err", ".txt");
    this.process =
        new ProcessBuilder(command)
            .directory(directory.toFile())
            .redirectOutput(out.toFile())
            .redirectError(err.toFile())
            .start();
  }

  /** Starts a main class of the examples. */
  public static Program start(Path directory, String mainClass, String... args) throws IOException {
    return startFrom(JAR.toString(), directory, "dev.ingest.examples." + mainClass, args);
  }

  /** Starts a main class of a class path. */
  public static Program startFrom(
      String classPath, Path directory, String mainClass, String... args) throws IOException {
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.addAll(List.of("-cp", classPath, mainClass));
    command.addAll(List.of(args));
    return new Program(directory, command);
  }

  public static Path jar() {
    return JAR;
  }

  /** Waits until the output matches. */
  public Matcher awaitOutput(String regex) {
    Pattern pattern = Pattern.compile(regex);
    return await()
        .atMost(Duration.ofSeconds(60))
        .pollInterval(Duration.ofMillis(20))
        .until(() -> pattern.matcher(output()), Matcher::find);
  }

  public void signal(String name) throws Exception {
    Process kill =
        new ProcessBuilder("kill", "-" + name, Long.toString(process.pid())).inheritIO().start();
    assertTrue(kill.waitFor() == 0, "kill failed");
  }

  /** The processes that it has started and that still run. */
  public List<ProcessHandle> descendants() {
    return process.descendants().toList();
  }

  public int awaitExit() throws InterruptedException {
    assertTrue(process.waitFor(60, TimeUnit.SECONDS), "the program did not end");
    return process.exitValue();
  }

  public String output() throws IOException {
    return Files.readString(out);
  }

  /** Standard error without what a newer JVM says of native code. */
  public String errors() throws IOException {
    return Files.readString(err)
        .lines()
        .filter(line -> !line.isEmpty() && !NATIVE_CODE.matcher(line).lookingAt())
        .reduce("", (all, line) -> all + line + "\n");
  }

  public Path directory() {
    return directory;
  }

  @Override
  public void close() {
    process.destroyForcibly();
  }
}
