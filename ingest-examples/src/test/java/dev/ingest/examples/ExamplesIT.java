package dev.ingest.examples;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.ingest.testing.ChildJvm;
import java.lang.reflect.Modifier;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ExamplesIT {
  @TempDir Path directory;

  /** Those of the examples, and of the processes that they start. */
  private static List<String> mainClasses() throws Exception {
    List<String> names = new ArrayList<>();
    try (DirectoryStream<Path> files =
        Files.newDirectoryStream(Path.of("target", "classes", "dev", "ingest", "examples"))) {
      for (Path file : files) {
        String name = file.getFileName().toString().replace(".class", "");
        if (file.toString().endsWith(".class") && !name.contains("$")) {
          Class<?> type = Class.forName("dev.ingest.examples." + name);
          if (Stream.of(type.getDeclaredMethods()).anyMatch(m -> m.getName().equals("main"))) {
            names.add(type.getName());
          }
        }
      }
    }
    return names;
  }

  @ParameterizedTest
  @CsvSource({"--help, 0", "--nosuch, 2"})
  void every_main_class_shows_its_usage_and_does_nothing_else(String option, int status)
      throws Exception {
    List<String> names = mainClasses();
    assertTrue(names.size() >= 9, names::toString);
    List<ChildJvm> running = new ArrayList<>();
    for (String name : names) {
      running.add(
          ExamplesJar.in(Files.createDirectory(directory.resolve(name))).start(name, option));
    }
    for (ChildJvm program : running) {
      try (program) {
        assertEquals(status, program.exitStatus(), program::toString);
        String shown = status == 0 ? program.out() : program.err();
        assertTrue(shown.contains("Usage: "), program::toString);
        assertEquals("", status == 0 ? program.err() : program.out());
      }
    }
    try (Stream<Path> files = Files.walk(directory, 2)) {
      List<Path> made =
          files
              .filter(file -> file.getNameCount() == directory.getNameCount() + 2)
              .filter(file -> !file.getFileName().toString().matches("(out|err).*\\.txt|tmp"))
              .toList();
      assertEquals(List.of(), made);
    }
  }

  private record Run(int status, String out, String err) {}

  private Run runJar(String... args) throws Exception {
    List<String> command =
        new ArrayList<>(
            List.of(CrashTestVictim.JAVA.toString(), "-jar", ExamplesJar.FILE.toString()));
    command.addAll(List.of(args));
    Path out = directory.resolve("jar.out");
    Path err = directory.resolve("jar.err");
    ProcessBuilder builder =
        new ProcessBuilder(command)
            .directory(directory.toFile())
            .redirectOutput(out.toFile())
            .redirectError(err.toFile());
    builder.environment().keySet().removeAll(Set.of("JAVA_TOOL_OPTIONS", "JDK_JAVA_OPTIONS"));
    int status = builder.start().waitFor();
    return new Run(status, Files.readString(out), Files.readString(err));
  }

  @Test
  void the_jar_lists_the_examples_and_runs_them() throws Exception {
    Run list = runJar();
    assertEquals(0, list.status(), list::toString);
    for (String name : mainClasses()) {
      Class<?> type = Class.forName(name);
      boolean isForUsers = Modifier.isPublic(type.getModifiers()) && type != Examples.class;
      assertEquals(
          isForUsers, list.out().contains("\n  " + type.getSimpleName() + " "), list::toString);
    }
    Run unknown = runJar("nosuch", "--help");
    assertEquals(new Run(2, "", "there is no example 'nosuch'\n" + list.out()), unknown);
    Run example = runJar("CustomSink");
    assertEquals(0, example.status(), example::toString);
    assertEquals(5, example.out().lines().count(), example::toString);
  }

  /** Whose native library the JVM warns about from 24 on, unless the jar allows it. */
  @Test
  void the_jar_stores_to_sqlite_without_a_warning() throws Exception {
    Run demo = runJar("Demo", "--seconds", "1", "--sink", "sqlite:demo.db");
    assertEquals(0, demo.status(), demo::toString);
    assertEquals("", demo.err());
  }

  @Test
  void the_demo_balances() throws Exception {
    try (ChildJvm demo = ExamplesJar.start(directory, Demo.class, "--sink", "sqlite:demo.db")) {
      assertEquals(0, demo.exitStatus(), demo::toString);
      String output = demo.out();
      assertTrue(output.contains("main returns: the rest is stored at exit"), output);
      assertTrue(output.contains("it balances: 205,000 sent"), output);
      assertEquals(List.of(), demo.errLinesOfProgram());
    }
  }

  @Test
  void a_custom_sink_is_found_by_its_uri_and_drained_at_exit() throws Exception {
    try (ChildJvm example = ExamplesJar.start(directory, CustomSink.class)) {
      assertEquals(0, example.exitStatus(), example::toString);
      List<String> lines = example.outLines();
      assertEquals(5, lines.size(), example.out());
      assertTrue(lines.get(0).matches("> sensor \\d+ has [0-9.]+ degrees"), example.out());
    }
  }

  @Test
  void readings_come_out_as_java_records_and_are_drained_at_exit() throws Exception {
    try (ChildJvm example = ExamplesJar.start(directory, JavaRecords.class)) {
      assertEquals(0, example.exitStatus(), example::toString);
      List<String> lines = example.outLines();
      assertEquals(5, lines.size(), example.out());
      assertTrue(
          lines
              .get(0)
              .matches(
                  "Reading\\[sensor=\\d+, temperature=[0-9.]+, humidity=[0-9.]+, time=[^,]+,"
                      + " sender=/127\\.0\\.0\\.1:\\d+, receivedAt=[^,]+]"),
          example.out());
    }
  }

  @Test
  void cleanup_runs_last_in_first_out_and_survives_a_failure() throws Exception {
    try (ChildJvm example = ExamplesJar.start(directory, CleanupOrder.class)) {
      assertEquals(0, example.exitStatus());
      assertEquals(
          List.of(
              "main returns with 3 actions registered",
              "registered last, runs first",
              "registered first, runs last"),
          example.outLines());
      assertTrue(example.err().contains("a failure is reported"), example::toString);
      assertFalse(example.out().contains("never runs"));
    }
  }
}
