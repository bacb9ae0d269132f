package dev.ingest.cleanup;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import dev.ingest.testing.ChildJvm;
import java.io.DataInputStream;
import java.io.IOException;
import java.net.URISyntaxException;
import java.nio.file.FileSystem;
import java.nio.file.FileSystems;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The package by itself: without the rest of the library, and after its files are gone. */
class AloneIT {
  private static final String PACKAGE = "dev/ingest/cleanup";

  @TempDir Path directory;

  @Test
  void a_program_compiles_and_runs_with_this_package_only() throws Exception {
    Path library = copyTo("library", CleanupRegistry.class);
    Path source =
        Files.writeString(
            directory.resolve("Program.java"),
            """
            import dev.ingest.cleanup.CleanupException;
            import dev.ingest.cleanup.CleanupRegistry;

            public class Program {
              public static void main(String[] args) {
                CleanupRegistry registry = CleanupRegistry.global();
                registry.register(() -> { throw new Exception("too early"); });
                try {
                  registry.run();
                } catch (CleanupException e) {
                  System.out.println(e.getCause().getMessage());
                }
                registry.register(() -> System.out.println("bye"));
              }
            }
            """);
    try (ChildJvm jvm =
        ChildJvm.in(directory).classPath(library.toString()).start(source.toString())) {
      assertEquals(0, jvm.exitStatus(), jvm::toString);
      assertEquals(List.of("too early", "bye"), jvm.outLines());
    }
  }

  @Test
  void c12_the_exit_runs_its_actions_after_the_class_files_are_gone() throws Exception {
    Path library = copyTo("library", CleanupRegistry.class);
    copyTo("library", RedeployProgram.class);
    String program = home(RedeployProgram.class).toString();
    try (ChildJvm jvm =
        ChildJvm.in(directory)
            .classPath(program)
            .start(RedeployProgram.class, library.toString())) {
      // Main has returned and an action calls System.exit(9): which status wins is chance.
      assertTrue(Set.of(0, 9).contains(jvm.exitStatus()), jvm::toString);
      assertFalse(Files.exists(library));
      assertEquals(List.of("fine"), jvm.outLines());
      String err = jvm.err();
      assertTrue(err.contains("failed: java.lang.Exception: failed after the redeploy"), err);
      assertTrue(err.contains("failed: dev.ingest.cleanup.CleanupException"), err);
      assertTrue(err.contains("it called System.exit"), err);
      assertTrue(err.contains("it was still running"), err);
      assertTrue(err.contains("it did not run"), err);
      assertFalse(err.contains("NoClassDefFoundError"), err);
    }
  }

  @Test
  void c12_no_class_of_the_package_needs_invokedynamic() throws Exception {
    onPackage(CleanupRegistry.class, file -> assertFalse(hasInvokedynamic(file), file.toString()));
  }

  @Test
  void c8_no_class_of_the_package_ends_the_jvm() {
    JavaClasses classes =
        new ClassFileImporter()
            .withImportOption(ImportOption.Predefined.DO_NOT_INCLUDE_TESTS)
            .importPackagesOf(CleanupRegistry.class);
    assertTrue(classes.contain(ExitRun.class));
    noClasses()
        .should()
        .callMethod(System.class, "exit", int.class)
        .orShould()
        .callMethod(Runtime.class, "exit", int.class)
        .orShould()
        .callMethod(Runtime.class, "halt", int.class)
        .check(classes);
  }

  /** Reads the constant pool of a class file (JVM specification, 4.4). */
  private static boolean hasInvokedynamic(Path file) throws IOException {
    try (DataInputStream in = new DataInputStream(Files.newInputStream(file))) {
      in.skipNBytes(8);
      int count = in.readUnsignedShort();
      for (int i = 1; i < count; i++) {
        int tag = in.readUnsignedByte();
        switch (tag) {
          case 1 -> in.skipNBytes(in.readUnsignedShort());
          case 3, 4, 9, 10, 11, 12 -> in.skipNBytes(4);
          case 5, 6 -> {
            in.skipNBytes(8);
            i++;
          }
          case 7, 8, 16, 19, 20 -> in.skipNBytes(2);
          case 15 -> in.skipNBytes(3);
          case 17, 18 -> {
            return true;
          }
          default -> throw new IOException(file + ": constant of kind " + tag);
        }
      }
      return false;
    }
  }

  /** Copies the package as it stands in the same place as a class. */
  private Path copyTo(String name, Class<?> member) throws Exception {
    Path to = directory.resolve(name);
    Files.createDirectories(to.resolve(PACKAGE));
    onPackage(
        member,
        file -> Files.copy(file, to.resolve(PACKAGE).resolve(file.getFileName().toString())));
    return to;
  }

  private interface FileVisitor {
    void visit(Path file) throws IOException;
  }

  /** Visits the package's files in the same place as a class, a directory or a jar. */
  private static void onPackage(Class<?> member, FileVisitor visitor) throws Exception {
    Path home = home(member);
    if (Files.isDirectory(home)) {
      visit(home.resolve(PACKAGE), visitor);
    } else {
      try (FileSystem jar = FileSystems.newFileSystem(home)) {
        visit(jar.getPath(PACKAGE), visitor);
      }
    }
  }

  private static void visit(Path folder, FileVisitor visitor) throws IOException {
    List<Path> files;
    try (var list = Files.list(folder)) {
      files = list.toList();
    }
    assertFalse(files.isEmpty());
    for (Path file : files) {
      visitor.visit(file);
    }
  }

  private static Path home(Class<?> member) throws URISyntaxException {
    return Path.of(member.getProtectionDomain().getCodeSource().getLocation().toURI());
  }
}
