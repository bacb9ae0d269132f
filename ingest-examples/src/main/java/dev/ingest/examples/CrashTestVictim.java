package dev.ingest.examples;

import java.io.BufferedReader;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Consumer;

/** A {@link CrashTestServer} in a process of its own, whose output is read as it comes. */
final class CrashTestVictim {
  static final Path JAVA = Path.of(System.getProperty("java.home"), "bin", "java");

  private final Process process;
  private final Thread reader;
  private volatile int port;
  private volatile long decoded;
  private volatile long notJournaled;
  private volatile long unstored = Long.MAX_VALUE;

  /**
   * Starts a server.
   *
   * @param folder where its errors are written to
   * @param sink the sink's URI
   * @param arguments of the server behind the sink
   * @param environment changes the environment of the process
   */
  CrashTestVictim(
      Path folder, String sink, List<String> arguments, Consumer<Map<String, String>> environment)
      throws IOException {
    ProcessBuilder builder =
        new ProcessBuilder(
            JAVA.toString(),
            "-cp",
            System.getProperty("java.class.path"),
            CrashTestServer.class.getName(),
            sink);
    builder.command().addAll(arguments);
    builder.redirectError(ProcessBuilder.Redirect.appendTo(folder.resolve("errors.txt").toFile()));
    environment.accept(builder.environment());
    process = builder.start();
    reader = new Thread(this::read, "reader");
    reader.start();
  }

  /** Reads whole lines only: the kill may tear the last one. */
  private void read() {
    try (BufferedReader lines = process.inputReader(StandardCharsets.US_ASCII)) {
      String next;
      String line = lines.readLine();
      while (line != null && (next = lines.readLine()) != null) {
        if (line.startsWith("port ")) {
          port = Integer.parseInt(line.substring(5));
        } else {
          String[] numbers = line.split(" ", -1);
          unstored = Long.parseLong(numbers[1]);
          notJournaled = Long.parseLong(numbers[2]);
          decoded = Long.parseLong(numbers[0]);
        }
        line = next;
      }
    } catch (IOException e) {
      // The process is dead.
    }
  }

  /** Returns the port that the server listens at; 0 before it does. */
  int port() {
    return port;
  }

  /** Waits until the server listens, or has ended. */
  void awaitPort() {
    while (port == 0 && process.isAlive()) {
      LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(1));
    }
  }

  /** Returns the number of records that the server has reported as decoded. */
  long decoded() {
    return decoded;
  }

  /**
   * Returns how many of the decoded records were not journaled. Of the same snapshot once the
   * server was killed.
   */
  long notJournaled() {
    return notJournaled;
  }

  /** Returns the number of records that wait to be stored, as last reported. */
  long unstored() {
    return unstored;
  }

  /** Kills the server with SIGKILL, and reads the rest of its output. */
  void kill() throws InterruptedException {
    process.toHandle().destroyForcibly(); // that of Process would close its output, too
    reader.join();
  }

  /** Ends the server with SIGTERM, and returns its exit status. */
  int end() throws InterruptedException {
    process.toHandle().destroy();
    reader.join();
    return process.waitFor();
  }
}
