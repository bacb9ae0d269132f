package dev.ingest.fuzz;

import static org.junit.jupiter.api.Assertions.assertEquals;

import com.code_intelligence.jazzer.Jazzer;
import java.io.File;
import java.io.IOException;
import java.net.URISyntaxException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

/**
 * Coverage-guided fuzzing of a target: a public class with a method {@code public static void
 * fuzzerTestOneInput(byte[])} that throws when a property does not hold.
 *
 * <p>Jazzer mutates the target's seeds, {@code src/test/resources/fuzz/<name of the class>}, in a
 * JVM of its own. An input that breaks the target is written to the seeds, which are tests, too.
 * Everything else (the log, the corpus that it finds, Java reproducers) goes to {@code
 * target/fuzz/<name of the class>}.
 *
 * <p>Jazzer's native part is there for x86-64 and 64-bit ARM only, so tests that call {@link #run}
 * are enabled on these.
 *
 * <p>A build makes a short run: a fixed number of executions that starts from a fixed random seed,
 * without a corpus. (Two such runs are alike, not equal: Jackson salts its hash tables.) With the
 * system property {@code fuzz.seconds} the run takes that long, has a random seed of its own, and
 * goes on from the corpus of the last such run.
 */
public final class Fuzzer {
  /** Ends the build's run on a machine that is busy or slow. */
  private static final int MAX_BUILD_SECONDS = 20;

  /** An input that takes longer is reported as an endless loop. */
  private static final int MAX_INPUT_SECONDS = 60;

  private static final int START_SECONDS = 300;

  /** Enough for what Jazzer reports of an input that breaks the target. */
  private static final int LAST_LINES = 60;

  private final Class<?> target;
  private final Path seeds;
  private final Path dictionary;
  private final Path output;

  Fuzzer(Class<?> target, Path module) {
    Path resources = module.resolve("src/test/resources/fuzz");
    this.target = target;
    seeds = resources.resolve(target.getSimpleName());
    dictionary = resources.resolve(target.getSimpleName() + ".dict");
    output = module.resolve("target/fuzz").resolve(target.getSimpleName());
  }

  /** The fuzzer of a target, whose classes are in {@code target/test-classes} of its module. */
  public static Fuzzer of(Class<?> target) {
    try {
      Path classes = Path.of(target.getProtectionDomain().getCodeSource().getLocation().toURI());
      return new Fuzzer(target, classes.getParent().getParent());
    } catch (URISyntaxException e) {
      throw new AssertionError(e);
    }
  }

  /** The seeds, and what broke the target before. */
  public Stream<Path> seeds() throws IOException {
    try (Stream<Path> files = Files.list(seeds)) {
      return files.sorted().toList().stream();
    }
  }

  /**
   * Fuzzes; fails if an input breaks the target.
   *
   * @param executions how often the build's run calls the target
   */
  public void run(int executions) throws IOException, InterruptedException {
    run(executions, MAX_BUILD_SECONDS);
  }

  /** Fuzzes as {@link #run(int)} does; the build's run takes at most the given time. */
  void run(int executions, int maxBuildSeconds) throws IOException, InterruptedException {
    Integer seconds = Integer.getInteger("fuzz.seconds");
    Path corpus = output.resolve(seconds == null ? "corpus-of-build" : "corpus");
    Files.createDirectories(corpus);
    List<String> command = jazzer();
    if (seconds == null) {
      empty(corpus);
      command.add("-seed=1");
      command.add("-runs=" + executions);
      seconds = maxBuildSeconds;
    }
    command.add("-max_total_time=" + seconds);
    // The first directory is written to, the second only read.
    command.add(corpus.toString());
    command.add(seeds.toString());
    Path log = output.resolve("log.txt");
    int status = run(command, log, seconds + START_SECONDS);
    assertEquals(0, status, () -> "inputs that break it are in " + seeds + ", " + end(log));
  }

  private List<String> jazzer() {
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.addAll(List.of("-XX:+EnableDynamicAgentLoading", "-XX:+UseSerialGC", "-Xmx512m"));
    command.addAll(List.of("-cp", System.getProperty("java.class.path")));
    command.add(Jazzer.class.getName());
    command.add("--target_class=" + target.getName());
    command.add(
        "--instrumentation_includes=" + "dev.ingest.**" + File.pathSeparator + "tools.jackson.**");
    command.add("--reproducer_path=" + output);
    command.add("-artifact_prefix=" + seeds + File.separator);
    command.add("-timeout=" + MAX_INPUT_SECONDS);
    command.add("-report_slow_units=" + MAX_INPUT_SECONDS);
    command.add("-print_final_stats=1");
    if (Files.exists(dictionary)) {
      command.add("-dict=" + dictionary);
    }
    return command;
  }

  private static int run(List<String> command, Path log, int seconds)
      throws IOException, InterruptedException {
    Process process =
        new ProcessBuilder(command).redirectErrorStream(true).redirectOutput(log.toFile()).start();
    try {
      if (!process.waitFor(seconds, TimeUnit.SECONDS)) {
        throw new AssertionError("the fuzzer does not end, " + end(log));
      }
      return process.exitValue();
    } finally {
      process.destroyForcibly();
    }
  }

  private static void empty(Path directory) throws IOException {
    try (Stream<Path> files = Files.list(directory)) {
      for (Path file : files.toList()) {
        Files.delete(file);
      }
    }
  }

  private static String end(Path log) {
    try {
      List<String> lines = Files.readAllLines(log, StandardCharsets.ISO_8859_1);
      List<String> last = lines.subList(Math.max(0, lines.size() - LAST_LINES), lines.size());
      return "the log is " + log + ", its end is\n" + String.join("\n", last);
    } catch (IOException e) {
      return "the log is " + log + ", but cannot be read: " + e;
    }
  }
}
