package dev.ingest.examples;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.ingest.testing.ChildJvm;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The files in src/deploy. */
class DeployIT {
  private static final Path UNIT = Path.of("src", "deploy", "sensor-server.service");
  private static final Path SOCKET = Path.of("src", "deploy", "sensor-server.socket");
  private static final Path INHERITED = Path.of("src", "deploy", "sensor-server-inherited.conf");
  private static final Path RULES = Path.of("src", "deploy", "sensor-server.nft");
  private static final long SECONDS = 60;

  @TempDir Path directory;

  @Test
  void systemd_takes_the_unit_without_a_word() throws Exception {
    assumeRuns("systemd-analyze", "--version");
    Path unit = directory.resolve(UNIT.getFileName());
    // The one thing that the unit expects of the machine.
    Files.writeString(unit, Files.readString(UNIT).replace("/usr/bin/java", java()));
    assertEquals(new Run(0, ""), verify(unit));
  }

  @Test
  void systemd_takes_the_socket_and_what_it_adds_to_the_unit_without_a_word() throws Exception {
    assumeRuns("systemd-analyze", "--version");
    Path unit = directory.resolve(UNIT.getFileName());
    Files.writeString(unit, Files.readString(UNIT).replace("/usr/bin/java", java()));
    Path more = Files.createDirectory(directory.resolve(UNIT.getFileName() + ".d"));
    Files.copy(INHERITED, more.resolve("inherited.conf"));
    Path socket = Files.copy(SOCKET, directory.resolve(SOCKET.getFileName()));
    assertEquals(new Run(0, ""), verify(socket, unit));
  }

  private Run verify(Path... units) throws Exception {
    List<String> command = new ArrayList<>(List.of("systemd-analyze", "verify", "--man=no"));
    List.of(units).forEach(unit -> command.add(unit.toString()));
    return run(command.toArray(String[]::new)).without("(?!.*sensor-server).*");
  }

  @Test
  void the_socket_is_the_port_that_the_unit_binds_without_it() throws Exception {
    String port = "0.0.0.0:12345";
    assertEquals("\"SOURCES=--bind " + port + "\"", setting(UNIT, "Environment"));
    assertEquals(port, setting(SOCKET, "ListenDatagram"));
    assertEquals("\"SOURCES=--inherited\"", setting(INHERITED, "Environment"));
  }

  @Test
  void the_server_starts_and_ends_with_the_options_of_the_unit() throws Exception {
    List<String> words = execStart();
    int mainClass = words.indexOf(SensorServer.class.getName());
    assertTrue(mainClass > 0, words::toString);
    List<String> options = new ArrayList<>(words.subList(1, mainClass));
    int classPath = options.indexOf("-cp");
    options.subList(classPath, classPath + 2).clear();
    String[] args = words.subList(mainClass + 1, words.size()).toArray(new String[0]);
    Files.createDirectories(directory.resolve("state").resolve("ingest"));
    Files.createDirectories(directory.resolve("cache").resolve("ingest"));
    try (ChildJvm server =
        ExamplesJar.in(directory)
            .options(options.toArray(new String[0]))
            .start(SensorServer.class, args)) {
      server.awaitOut("listening on ");
      assertEquals(List.of(), server.errLinesOfProgram());
      server.signal("TERM");
      assertEquals(Integer.parseInt(setting(UNIT, "SuccessExitStatus")), server.exitStatus());
    }
  }

  @Test
  void the_unit_waits_longer_than_the_drain_may_take() throws Exception {
    List<String> words = execStart();
    double drain = Double.parseDouble(words.get(words.indexOf("--drain-timeout") + 1));
    assertTrue(Integer.parseInt(setting(UNIT, "TimeoutStopSec")) >= 2 * drain);
  }

  @Test
  void nft_takes_the_rules() throws Exception {
    // nft asks the kernel, which not every user may.
    Path table = Files.writeString(directory.resolve("table.nft"), "table inet probe {\n}\n");
    assumeRuns("nft", "-c", "-f", table.toString());
    assertEquals(new Run(0, ""), run("nft", "-c", "-f", RULES.toString()));
  }

  /** The command of the unit, for this machine and the test's directory. */
  private List<String> execStart() throws IOException {
    String command =
        setting(UNIT, "ExecStart")
            .replace("%S", directory.resolve("state").toString())
            .replace("%C", directory.resolve("cache").toString())
            .replace("$SOURCES", "--bind 127.0.0.1:0");
    assertFalse(command.matches(".*[%$\"'].*"), command);
    return Arrays.asList(command.split(" +", -1));
  }

  private static String setting(Path file, String name) throws IOException {
    String text = Files.readString(file).replaceAll("\\\\\n\\s*", "");
    Matcher line = Pattern.compile("^" + name + "=(.*)$", Pattern.MULTILINE).matcher(text);
    assertTrue(line.find(), name);
    return line.group(1);
  }

  private static String java() {
    return Path.of(System.getProperty("java.home"), "bin", "java").toString();
  }

  private record Run(int status, String output) {
    /** Drops lines, such as those about other units of the machine. */
    Run without(String line) {
      return new Run(status, output.replaceAll("(?m)^" + line + "\\R?", ""));
    }
  }

  private void assumeRuns(String... command) throws Exception {
    String reason = String.join(" ", command) + " does not run here";
    try {
      assumeTrue(run(command).status() == 0, reason);
    } catch (IOException e) {
      assumeTrue(false, reason + ": " + e.getMessage());
    }
  }

  private Run run(String... command) throws IOException, InterruptedException {
    Path output = Files.createTempFile(directory, "output", ".txt");
    Process process =
        new ProcessBuilder(command)
            .redirectErrorStream(true)
            .redirectOutput(output.toFile())
            .start();
    assertTrue(process.waitFor(SECONDS, TimeUnit.SECONDS), () -> String.join(" ", command));
    return new Run(process.exitValue(), Files.readString(output));
  }
}
