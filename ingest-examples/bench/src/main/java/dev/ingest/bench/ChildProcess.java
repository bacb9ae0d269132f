package dev.ingest.bench;

import dev.ingest.cleanup.CleanupRegistry;
import dev.ingest.examples.Example;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.PrintStream;
import java.io.StringWriter;
import java.io.Writer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.OptionalLong;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * A process that this one has started and talks to line by line. It does not outlive this one,
 * unless this one is killed.
 *
 * <p>A process that is exiting starts no other. What fails in it then fails with an {@link
 * IllegalStateException}, so that nobody takes it for a failure of the child.
 */
final class ChildProcess implements AutoCloseable {
  /**
   * Ctrl-C in a terminal reaches this process and its children in any order, at most so far apart.
   */
  private static final long SAME_CTRL_C_NANOS = TimeUnit.MILLISECONDS.toNanos(500);

  private static final long POLL_NANOS = TimeUnit.MILLISECONDS.toNanos(10);

  private static final Pattern PEAK_MEMORY = Pattern.compile("VmHWM:\\s*(\\d+) kB");
  private static final Pattern RESIDENT_MEMORY = Pattern.compile("VmRSS:\\s*(\\d+) kB");

  private final String name;
  private final Process process;
  private final BufferedReader output;
  private final PrintStream input;
  private final CleanupRegistry.Registration atExit;

  private ChildProcess(String name, Process process, CleanupRegistry.Registration atExit) {
    this.name = name;
    this.process = process;
    this.output = process.inputReader(StandardCharsets.UTF_8);
    this.input = new PrintStream(process.getOutputStream(), true, StandardCharsets.UTF_8);
    this.atExit = atExit;
  }

  /**
   * Starts a process.
   *
   * @param name for messages
   * @throws IllegalStateException if this process is exiting
   */
  static ChildProcess start(String name, ProcessBuilder builder) throws IOException {
    Start start = new Start();
    // Before the start, so that whenever the exit comes either it waits for the start and kills the
    // child, or the child is not started.
    CleanupRegistry.Registration atExit = CleanupRegistry.global().register(start::undo);
    try {
      return new ChildProcess(name, start.start(builder), atExit);
    } catch (IOException e) {
      atExit.unregister();
      throw e;
    }
  }

  /** The start of a process, and its undoing by the exit of this one: one waits for the other. */
  private static final class Start {
    private @Nullable Process process;
    private boolean undone;

    synchronized Process start(ProcessBuilder builder) throws IOException {
      if (undone) {
        throw new IllegalStateException("this process is exiting: it starts no other");
      }
      Process started = builder.start();
      process = started;
      return started;
    }

    synchronized void undo() throws InterruptedException {
      undone = true;
      if (process != null) {
        process.destroyForcibly();
        process.waitFor();
      }
    }
  }

  /** Returns the command that starts a main class of this class path in a JVM like this one. */
  static ProcessBuilder java(Class<?> main, List<String> args) {
    return java(Path.of(System.getProperty("java.class.path")), main, args);
  }

  /** Returns the command that starts a main class of another class path in a JVM like this one. */
  static ProcessBuilder java(Path classPath, Class<?> main, List<String> args) {
    ProcessBuilder builder =
        new ProcessBuilder(
            Path.of(System.getProperty("java.home"), "bin", "java").toString(), "-Xmx64m");
    if (Runtime.version().feature() >= 22) { // older ones do not know it
      builder.command().add("--enable-native-access=ALL-UNNAMED");
    }
    builder.command().addAll(List.of("-cp", classPath.toAbsolutePath().toString(), main.getName()));
    builder.command().addAll(args);
    return builder.redirectError(ProcessBuilder.Redirect.INHERIT);
  }

  /** Reads on until a line matches the pattern; returns its first group. */
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
    throw endedEarly("before it printed '" + pattern + "'; its last line: " + last);
  }

  /**
   * Returns the failure that the child has ended too early.
   *
   * @throws IllegalStateException if this process is exiting, too
   */
  IOException endedEarly(String when) {
    long start = System.nanoTime();
    while (!Example.isExiting()) {
      if (System.nanoTime() - start > SAME_CTRL_C_NANOS) {
        return new IOException(name + " ended " + when);
      }
      LockSupport.parkNanos(POLL_NANOS);
    }
    throw new IllegalStateException(name + " ended with this process");
  }

  /** Reads all that the child prints until it ends. */
  String readAll() throws IOException {
    StringWriter all = new StringWriter();
    output.transferTo(all);
    return all.toString();
  }

  /** Reads and forgets what else the child prints, so that it never waits for a reader. */
  void discardOutput() {
    Thread reader =
        new Thread(
            () -> {
              try {
                output.transferTo(Writer.nullWriter());
              } catch (IOException e) {
                // The child has ended.
              }
            },
            "output of " + name);
    reader.setDaemon(true);
    reader.start();
  }

  /** Writes a line to the child's standard input. */
  void writeLine(String line) {
    input.println(line);
  }

  boolean isAlive() {
    return process.isAlive();
  }

  /** Returns the processor time of all its threads so far, in user and in system mode. */
  Duration processorTime() {
    return process.info().totalCpuDuration().orElse(Duration.ZERO);
  }

  /**
   * Returns the most memory that was resident so far, in kB; empty if the system does not report
   * it.
   */
  OptionalLong peakMemory() {
    return status(PEAK_MEMORY);
  }

  /**
   * Returns the memory that is resident now, in kB.
   *
   * @throws IOException if the system does not report it
   */
  long residentMemory() throws IOException {
    return status(RESIDENT_MEMORY)
        .orElseThrow(() -> new IOException("this system does not report memory: expected Linux"));
  }

  private OptionalLong status(Pattern value) {
    try {
      Matcher line = value.matcher(Files.readString(Path.of("/proc/" + process.pid() + "/status")));
      return line.find() ? OptionalLong.of(Long.parseLong(line.group(1))) : OptionalLong.empty();
    } catch (IOException e) {
      return OptionalLong.empty();
    }
  }

  /** Ends the child by SIGTERM; its output can still be read. */
  void terminate() {
    process.toHandle().destroy(); // Process.destroy would close its output, too
  }

  /** Waits for the end of the child, and returns its exit status. */
  int awaitEnd() throws InterruptedException {
    return process.waitFor();
  }

  /** Waits for the end of the child; returns false if it still runs after that time. */
  boolean awaitEnd(Duration atMost) throws InterruptedException {
    return process.waitFor(atMost.toNanos(), TimeUnit.NANOSECONDS);
  }

  /** Kills the child if it still runs. */
  @Override
  public void close() {
    process.destroyForcibly();
    process.onExit().join();
    atExit.unregister();
  }
}
