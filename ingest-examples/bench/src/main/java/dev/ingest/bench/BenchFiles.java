package dev.ingest.bench;

import java.io.File;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * The files of the folder {@code bench}, which are packed into the jar so that the programs here
 * find them wherever they are started, and the programs that these files need.
 */
final class BenchFiles {
  private final Path folder;
  private final Path programs;

  /**
   * Creates the files.
   *
   * @param folder where to unpack them
   * @param programs where to put the compiled programs
   */
  BenchFiles(Path folder, Path programs) {
    this.folder = folder;
    this.programs = programs;
  }

  Path unpack(String name) throws IOException {
    Path file = folder.resolve(name);
    try (InputStream packed = BenchFiles.class.getResourceAsStream("/bench/" + name)) {
      if (packed == null) {
        throw new IOException("the jar holds no bench/" + name + ": build it again");
      }
      Files.write(file, packed.readAllBytes());
    }
    return file;
  }

  /** Compiles a C program; fails with what the compiler reports. */
  Path compile(String name, List<String> options) throws IOException, InterruptedException {
    Path compiler = require("cc");
    Path program = programs.resolve(name).toAbsolutePath();
    List<String> command = new ArrayList<>(List.of(compiler.toString(), "-O2", "-o"));
    command.addAll(List.of(program.toString(), unpack(name + ".c").toString()));
    command.addAll(options);
    ProcessBuilder builder = new ProcessBuilder(command).redirectErrorStream(true);
    builder.environment().put("TMPDIR", folder.toString()); // where it leaves files if it is killed
    try (ChildProcess cc = ChildProcess.start("cc", builder)) {
      String log = cc.readAll();
      if (cc.awaitEnd() != 0) {
        String error = log.lines().filter(line -> line.contains("error")).findFirst().orElse(log);
        throw cc.endedEarly("without building " + name + ".c: " + error.strip());
      }
    }
    return program;
  }

  /** Returns the path of a program, or fails with a line that names what to install. */
  static Path require(String program) throws IOException {
    return find(program)
        .orElseThrow(
            () -> new IOException("there is no " + program + ": install it, or ignore this"));
  }

  static Optional<Path> find(String program) {
    // Daemons are often installed where the path of an ordinary user does not lead.
    String path = Optional.ofNullable(System.getenv("PATH")).orElse("");
    for (String folder : (path + File.pathSeparator + "/usr/sbin").split(File.pathSeparator, -1)) {
      Path file = Path.of(folder, program);
      if (!folder.isEmpty() && Files.isExecutable(file)) {
        return Optional.of(file);
      }
    }
    return Optional.empty();
  }
}
