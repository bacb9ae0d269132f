package dev.ingest.testing;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.condition.OS;

/**
 * A second JVM that runs a program: it can be signalled, killed, and looked at after its end.
 *
 * <pre>{@code
 * try (ChildJvm jvm = ChildJvm.in(directory).options("-Xrs").start(Program.class, "argument")) {
 *   jvm.awaitOut("^up$");
 *   jvm.signal("TERM");
 *   assertEquals(143, jvm.exitStatus(), jvm::toString);
 * }
 * }</pre>
 *
 * <p>Standard output and error go to files of their own in the directory, so that several programs
 * can share it. The child does not inherit the variables by which options reach every JVM, such as
 * JAVA_TOOL_OPTIONS, nor, on Linux, signals that this JVM ignores.
 */
public final class ChildJvm implements AutoCloseable {
  /** The JVM's option that makes it print each class that it loads. */
  public static final String SHOW_CLASSES = "-Xlog:class+load";

  private static final long AWAIT_SECONDS = 60;
  private static final long EXIT_SECONDS = 120;
  private static final long POLL_MILLIS = 20;

  private static final Path JDK_PROGRAMS = Path.of(System.getProperty("java.home"), "bin");

  /** What the JVM prints from JDK 24 on about native code that it loads without being told to. */
  private static final Pattern NATIVE_ACCESS_WARNING =
      Pattern.compile(
          "WARNING: (A restricted method|java\\.lang\\.\\S+ has been called by"
              + "|Use --enable-native-access|Restricted methods).*");

  private final Path directory;
  private final Path out;
  private final Path err;
  private final Process process;

  private ChildJvm(Path directory, List<String> command, boolean readsOutput) throws IOException {
    this.directory = directory;
    this.out = Files.createTempFile(directory, "out", ".txt");
    this.err = Files.createTempFile(directory, "err", ".txt");
    ProcessBuilder builder = new ProcessBuilder(command).directory(directory.toFile());
    if (readsOutput) {
      builder.redirectOutput(out.toFile()).redirectError(err.toFile());
    }
    Map<String, String> environment = builder.environment();
    environment.remove("JAVA_TOOL_OPTIONS");
    environment.remove("JDK_JAVA_OPTIONS");
    environment.remove("_JAVA_OPTIONS");
    this.process = builder.start();
  }

  /**
   * Prepares a JVM.
   *
   * @param directory its working directory, which also gets the files with its output
   */
  public static Launcher in(Path directory) {
    return new Launcher(directory);
  }

  /** What a JVM is started with. */
  public static final class Launcher {
    private static final List<String> DEFAULT_SIGNALS = defaultSignals();

    private final Path directory;
    private final List<String> options =
        new ArrayList<>(List.of("-XX:TieredStopAtLevel=1", "-XX:+UseSerialGC", "-Xmx64m"));
    private final List<String> starter = new ArrayList<>();
    private String classPath = System.getProperty("java.class.path");
    private Path programs = JDK_PROGRAMS;
    private boolean readsOutput = true;

    private Launcher(Path directory) {
      this.directory = directory;
    }

    /**
     * Drops all options so far, including those that make each child start fast and stay small: it
     * then starts as {@code java} does for a user.
     */
    public Launcher withoutOptions() {
      options.clear();
      return this;
    }

    /** Adds options of the {@code java} command. */
    public Launcher options(String... more) {
      options.addAll(List.of(more));
      return this;
    }

    /**
     * Makes standard output and error pipes that nobody reads: the program blocks in a write when
     * they are full, and {@link ChildJvm#out} and {@link ChildJvm#err} are empty. Native calls are
     * allowed, or the JVM itself would block in its warning about them.
     */
    public Launcher withUnreadOutput() {
      readsOutput = false;
      if (Runtime.version().feature() >= 22) { // older ones do not know the option
        options("--enable-native-access=ALL-UNNAMED");
      }
      return this;
    }

    /** Replaces the class path, which is that of this JVM unless set. */
    public Launcher classPath(String path) {
      classPath = path;
      return this;
    }

    /** Sets the umask, in octal digits; that of this JVM unless set. Not on Windows. */
    public Launcher umask(String mask) {
      starter.addAll(List.of("sh", "-c", "umask " + mask + " && exec \"$@\"", "sh"));
      return this;
    }

    /** Sets the module path; there is none unless set. */
    public Launcher modulePath(String path) {
      return options("--module-path", path);
    }

    /** Takes the JVM of a runtime image instead of the one of this JVM. */
    public Launcher image(Path home) {
      programs = home.resolve("bin");
      return this;
    }

    /** Starts a class of the class path. */
    public ChildJvm start(Class<?> mainClass, String... args) {
      return start(mainClass.getName(), args);
    }

    /** Starts a class of the class path, or a source file. */
    public ChildJvm start(String mainClass, String... args) {
      return start(List.of("--class-path", classPath, mainClass), args);
    }

    /** Starts the class {@code module/package.Class} of the module path, without a class path. */
    public ChildJvm startModule(String moduleAndClass, String... args) {
      return start(List.of("--module", moduleAndClass), args);
    }

    /** Starts the main class of a jar. */
    public ChildJvm startJar(Path jar, String... args) {
      return start(List.of("-jar", jar.toAbsolutePath().toString()), args);
    }

    private Path temporaryDirectory() throws IOException {
      return Files.createDirectories(directory.resolve("tmp").toAbsolutePath());
    }

    private ChildJvm start(List<String> program, String... args) {
      try {
        List<String> command = new ArrayList<>(DEFAULT_SIGNALS);
        command.addAll(starter);
        command.add(programs.resolve("java").toAbsolutePath().toString());
        // SQLite's driver removes what killed programs left in the temporary directory, and logs an
        // error if another program does so at the same moment, such as one of another test.
        command.add("-Djava.io.tmpdir=" + temporaryDirectory());
        command.addAll(options);
        command.addAll(program);
        command.addAll(List.of(args));
        return new ChildJvm(directory, command, readsOutput);
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    }

    /**
     * Returns the command to start a program by, so that it handles signals although this JVM
     * ignores them: a shell starts what it runs in the background with SIGINT ignored, nohup with
     * SIGHUP, and children inherit that. Empty where there is no such command, as with busybox.
     */
    private static List<String> defaultSignals() {
      if (!System.getProperty("os.name").equals("Linux")) {
        return List.of();
      }
      List<String> command = List.of("env", "--default-signal");
      List<String> probe = new ArrayList<>(command);
      probe.add("true");
      try {
        return command(probe).waitFor() == 0 ? command : List.of();
      } catch (IOException e) {
        return List.of();
      } catch (InterruptedException e) {
        throw new AssertionError(e);
      }
    }
  }

  /** Returns what the program has printed so far. */
  public String out() {
    return read(out);
  }

  /** Returns what the program and the JVM have printed to standard error so far. */
  public String err() {
    return read(err);
  }

  /** Returns the lines that the program has printed so far. */
  public List<String> outLines() {
    return out().lines().toList();
  }

  /** Returns the lines of standard error so far. */
  public List<String> errLines() {
    return err().lines().toList();
  }

  /** Returns the lines of standard error without empty ones and the JVM's about native access. */
  public List<String> errLinesOfProgram() {
    return err()
        .lines()
        .filter(line -> !line.isEmpty() && !NATIVE_ACCESS_WARNING.matcher(line).matches())
        .toList();
  }

  /**
   * Waits until the output matches. Fails if it does not within {@value #AWAIT_SECONDS} s, and at
   * once if the program has ended without it.
   *
   * @param regex is to be found in the output; {@code ^} and {@code $} match at each line
   */
  public Matcher awaitOut(String regex) {
    Pattern pattern = Pattern.compile(regex, Pattern.MULTILINE);
    long start = System.nanoTime();
    boolean ended;
    do {
      // Asked first: if it has ended, all that it printed is there to be read.
      ended = endsWithin(POLL_MILLIS);
      Matcher matcher = pattern.matcher(out());
      if (matcher.find()) {
        return matcher;
      }
    } while (!ended && System.nanoTime() - start < TimeUnit.SECONDS.toNanos(AWAIT_SECONDS));
    throw new AssertionError("did not print what matches " + regex + "\n" + this);
  }

  /**
   * Waits until the JVM has started itself and loads the program, which was given the option {@link
   * #SHOW_CLASSES}. A signal that comes earlier can make the JVM fail with status 1 (JDK 25: "Error
   * occurred during initialization of VM"), which no program can change.
   */
  public void awaitLoaded(Class<?> mainClass) {
    awaitOut(" " + Pattern.quote(mainClass.getName()) + " ");
  }

  /** Writes a line to the program's standard input. */
  public void writeLine(String line) {
    try {
      OutputStream in = process.getOutputStream();
      in.write((line + "\n").getBytes(UTF_8));
      in.flush();
    } catch (IOException e) {
      throw new UncheckedIOException(toString(), e);
    }
  }

  /** Sends a signal, such as {@code TERM}. Aborts the test where there are none. */
  public void signal(String name) {
    Assumptions.assumeFalse(OS.WINDOWS.isCurrentOs(), "there are no signals");
    try {
      if (command(List.of("kill", "-" + name, Long.toString(pid()))).waitFor() != 0) {
        throw new AssertionError("kill failed\n" + this);
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } catch (InterruptedException e) {
      throw new AssertionError(e);
    }
  }

  /**
   * Limits how long any file of the program may get, as a disk without room would; Linux only.
   *
   * @param limit bytes, or {@code unlimited}
   */
  public void limitFileSize(String limit) {
    try {
      if (command(List.of("prlimit", "--fsize=" + limit + ":", "--pid", Long.toString(pid())))
              .waitFor()
          != 0) {
        throw new AssertionError("prlimit failed\n" + this);
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } catch (InterruptedException e) {
      throw new AssertionError(e);
    }
  }

  /**
   * Returns the exit status. Waits until the program has ended by itself, and fails if it does not
   * within {@value #EXIT_SECONDS} s.
   */
  public int exitStatus() {
    if (!endsWithin(TimeUnit.SECONDS.toMillis(EXIT_SECONDS))) {
      throw new AssertionError("does not end\n" + this + "\n" + threadDump());
    }
    return process.exitValue();
  }

  /** Returns whether the program still runs. */
  public boolean isAlive() {
    return process.isAlive();
  }

  public long pid() {
    return process.pid();
  }

  /** Returns the processes that the program has started and that still run. */
  public List<ProcessHandle> descendants() {
    return process.descendants().toList();
  }

  /** Returns the output and the exit status, for a failed assertion to report. */
  @Override
  public String toString() {
    String state = process.isAlive() ? "alive" : "exit status " + process.exitValue();
    return state + "\nout: " + out() + "\nerr: " + err();
  }

  /** Kills the program and what it has started, unless they have ended, and waits for its end. */
  @Override
  public void close() {
    List<ProcessHandle> descendants = descendants();
    process.destroyForcibly();
    descendants.forEach(ProcessHandle::destroyForcibly);
    process.onExit().join();
  }

  private boolean endsWithin(long millis) {
    try {
      return process.waitFor(millis, TimeUnit.MILLISECONDS);
    } catch (InterruptedException e) {
      throw new AssertionError("interrupted\n" + this, e);
    }
  }

  private String threadDump() {
    Path jstack = JDK_PROGRAMS.resolve("jstack");
    if (!Files.isExecutable(jstack)) {
      return "no thread dump: there is no " + jstack;
    }
    try {
      Path dump = Files.createTempFile(directory, "threads", ".txt");
      Process process =
          new ProcessBuilder(jstack.toString(), Long.toString(pid()))
              .redirectErrorStream(true)
              .redirectOutput(dump.toFile())
              .start();
      if (!process.waitFor(10, TimeUnit.SECONDS)) {
        process.destroyForcibly();
      }
      return read(dump);
    } catch (IOException | InterruptedException e) {
      return "no thread dump: " + e;
    }
  }

  private static Process command(List<String> command) throws IOException {
    return new ProcessBuilder(command)
        .redirectOutput(ProcessBuilder.Redirect.DISCARD)
        .redirectError(ProcessBuilder.Redirect.DISCARD)
        .start();
  }

  private static String read(Path file) {
    try {
      // Not readString: that fails on half a character, which may be all that is there yet.
      return new String(Files.readAllBytes(file), UTF_8);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
