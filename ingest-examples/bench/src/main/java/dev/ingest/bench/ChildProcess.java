package dev.ingest.bench;

import dev.ingest.cleanup.CleanupRegistry;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.PrintStream;
import java.io.Writer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.OptionalLong;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** A process that this one has started and talks to line by line. It does not outlive this one. */
final class ChildProcess implements AutoCloseable {
  /** True once this process is ending: then no other is started. */
  private static volatile boolean ending;

  private static final Pattern PEAK_MEMORY = Pattern.compile("VmHWM:\\s*(\\d+) kB");

  private final String name;
  private final Process process;
  private final BufferedReader output;
  private final PrintStream input;
  private final CleanupRegistry.Registration atExit;

  private ChildProcess(String name, Process process) {
    this.name = name;
    this.process = process;
    this.output = process.inputReader(StandardCharsets.UTF_8);
    this.input = new PrintStream(process.getOutputStream(), true, StandardCharsets.UTF_8);
    this.atExit =
        CleanupRegistry.global()
            .register(
                () -> {
                  ending = true;
                  process.destroyForcibly();
                  process.waitFor();
                });
  }

  /** Starts one; the name is for messages. */
  static ChildProcess start(String name, ProcessBuilder builder) throws IOException {
    if (!ending) {
      ChildProcess child = new ChildProcess(name, builder.start());
      if (!ending) {
        return child;
      }
      child.process.destroyForcibly();
    }
    throw new IOException(name + " is not started: this process is ending");
  }

  /** The command that starts a main class of the examples, by the same JVM as this one. */
  static ProcessBuilder java(Class<?> main, List<String> args) {
    ProcessBuilder builder =
        new ProcessBuilder(
            Path.of(System.getProperty("java.home"), "bin", "java").toString(), "-Xmx64m");
    if (Runtime.version().feature() >= 22) { // older ones do not know it
      builder.command().add("--enable-native-access=ALL-UNNAMED");
    }
    Path classPath = Path.of(System.getProperty("java.class.path")).toAbsolutePath();
    builder.command().addAll(List.of("-cp", classPath.toString(), main.getName()));
    builder.command().addAll(args);
    return builder.redirectError(ProcessBuilder.Redirect.INHERIT);
  }

  /** Reads on until a line has the pattern; gives its first group. */
  String await(Pattern pattern) throws IOException {
    String last = "nothing";
    String line;
    while ((line = output.readLine()) != null) {
      Matcher matcher = pattern.matcher(line);
      if (matcher.find()) {
        return matcher.group(1);
      }
      last = line;
    }
    throw new IOException(name + " ended before it said '" + pattern + "'; its last word: " + last);
  }

  /** Reads what else it says, and forgets it, so that it never waits for a reader. */
  void discardOutput() {
    Thread reader =
        new Thread(
            () -> {
              try {
                output.transferTo(Writer.nullWriter());
              } catch (IOException e) {
                // It has ended.
              }
            },
            "output of " + name);
    reader.setDaemon(true);
    reader.start();
  }

  /** Writes a line to its standard input. */
  void tell(String line) {
    input.println(line);
  }

  static boolean isEnding() {
    return ending;
  }

  boolean isAlive() {
    return process.isAlive();
  }

  /** The processor time of all its threads so far, in user and in system mode. */
  Duration processorTime() {
    return process.info().totalCpuDuration().orElse(Duration.ZERO);
  }

  /** The most memory that was resident so far, in kB, where the system tells. */
  OptionalLong peakMemory() {
    try {
      Matcher line =
          PEAK_MEMORY.matcher(Files.readString(Path.of("/proc/" + process.pid() + "/status")));
      return line.find() ? OptionalLong.of(Long.parseLong(line.group(1))) : OptionalLong.empty();
    } catch (IOException e) {
      return OptionalLong.empty();
    }
  }

  /** Ends it by SIGTERM; its output can still be read. */
  void terminate() {
    process.toHandle().destroy(); // Process.destroy would close its output, too
  }

  /** Waits for its end. */
  boolean awaitEnd(Duration atMost) throws InterruptedException {
    return process.waitFor(atMost.toNanos(), TimeUnit.NANOSECONDS);
  }

  /** Ends it at once, if it still runs. */
  @Override
  public void close() {
    process.destroyForcibly();
    process.onExit().join();
    atExit.unregister();
  }
}
