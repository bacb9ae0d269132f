package dev.ingest.examples;

import java.io.File;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * The library {@code faults.c}, which makes calls of the process fail that it is preloaded into.
 */
final class FaultLibrary {
  private static final String SOURCE = "faults.c";

  private final Path library;
  private final Path switchFile;

  private FaultLibrary(Path folder) {
    this.library = folder.resolve("faults.so").toAbsolutePath();
    this.switchFile = folder.resolve("faults-on").toAbsolutePath();
  }

  /**
   * Builds the library.
   *
   * @throws IOException if there is no compiler, or if what it makes cannot be preloaded here
   */
  static FaultLibrary build(Path folder) throws IOException {
    FaultLibrary built = new FaultLibrary(folder);
    Path source = folder.resolve(SOURCE);
    try (InputStream packed = FaultLibrary.class.getResourceAsStream("/crash/" + SOURCE)) {
      if (packed == null) {
        throw new IOException("the jar holds no crash/" + SOURCE + ": build it again");
      }
      Files.write(source, packed.readAllBytes());
    }
    ShellCommand.run(
        compiler().toString(),
        "-O2",
        "-shared",
        "-fPIC",
        "-o",
        built.library.toString(),
        source.toString());
    built.requirePreloadable(folder);
    return built;
  }

  private static Path compiler() throws IOException {
    String path = Optional.ofNullable(System.getenv("PATH")).orElse("");
    return Stream.of("cc", "gcc")
        .flatMap(name -> Stream.of(path.split(File.pathSeparator)).map(dir -> Path.of(dir, name)))
        .filter(Files::isExecutable)
        .findFirst()
        .orElseThrow(
            () -> new IOException("there is no C compiler, cc or gcc, in the PATH: install one"));
  }

  /** The loader of the system only warns of a library that it cannot load. */
  private void requirePreloadable(Path folder) throws IOException {
    Path counts = folder.resolve("faults-probe");
    ProcessBuilder java = new ProcessBuilder(CrashTestVictim.JAVA.toString(), "-version");
    preload(java.environment(), List.of(new FaultRule("fsync", "*", "EIO", 0)), 0, counts);
    String output = ShellCommand.run(java);
    if (!Files.deleteIfExists(counts)) {
      throw new IOException(library + " cannot be preloaded: " + output.strip());
    }
  }

  /**
   * Preloads the library into a process that is to be started.
   *
   * @param environment of the process
   * @param counts a file that is made, and gets what {@link #counts} reads
   */
  void preload(Map<String, String> environment, List<FaultRule> rules, long seed, Path counts) {
    environment.put("LD_PRELOAD", library.toString());
    environment.put(
        "FAULTS", rules.stream().map(FaultRule::toString).collect(Collectors.joining(";")));
    environment.put("FAULTS_SEED", Long.toUnsignedString(seed));
    environment.put("FAULTS_SWITCH", switchFile.toString());
    environment.put("FAULTS_COUNT", counts.toAbsolutePath().toString());
  }

  /** Lets the rules hold from now on. */
  void switchOn() throws IOException {
    if (Files.notExists(switchFile)) {
      Files.createFile(switchFile);
    }
  }

  /** Lets no call fail from now on. */
  void switchOff() throws IOException {
    Files.deleteIfExists(switchFile);
  }

  /** How many calls a rule was for, and how many of them it struck. */
  record Count(long calls, long struck) {
    Count plus(Count other) {
      return new Count(calls + other.calls, struck + other.struck);
    }

    @Override
    public String toString() {
      return "%,d of %,d".formatted(struck, calls);
    }
  }

  /** Reads how often each of the rules struck; 0 for all if the process did not get that far. */
  static List<Count> counts(Path file, int rules) throws IOException {
    byte[] bytes = Files.exists(file) ? Files.readAllBytes(file) : new byte[0];
    ByteBuffer counts = ByteBuffer.wrap(bytes).order(ByteOrder.nativeOrder());
    return Stream.generate(
            () ->
                counts.remaining() < 16
                    ? new Count(0, 0)
                    : new Count(counts.getLong(), counts.getLong()))
        .limit(rules)
        .toList();
  }
}
