package dev.ingest.internal.file;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.ingest.testing.ChildJvm;
import java.io.IOException;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.DisabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;

class LockFileTest {
  private static final long OWN_PROCESS = ProcessHandle.current().pid();

  @TempDir Path directory;

  /** Locks a file, prints who has it or that it has it itself, and waits for a line. */
  public static final class Program {
    private Program() {}

    public static void main(String... args) throws IOException {
      try {
        LockFile lock = acquire(Path.of(args[0]));
        System.out.println("locked");
        try (lock) {
          System.in.read();
        }
      } catch (FileRefusedException e) {
        System.out.println(e.getMessage());
      }
    }
  }

  private static LockFile acquire(Path file) throws IOException {
    return LockFile.acquire(file, "it", "take another");
  }

  private static void assertRefused(long holder, Path file) {
    IOException e = assertThrows(FileRefusedException.class, () -> acquire(file));
    assertEquals(
        "it is in use by another server, of the process " + holder + ": take another",
        e.getMessage());
  }

  private void assertOtherProcessIsRefused(Path file) {
    try (ChildJvm other = ChildJvm.in(directory).start(Program.class, file.toString())) {
      other.awaitOut("in use by another server, of the process " + OWN_PROCESS + ":");
    }
  }

  @Test
  void a_lock_is_had_once_in_this_process_and_free_after_the_close() throws Exception {
    Path file = directory.resolve("lock");
    LockFile lock = acquire(file);
    try (lock) {
      assertRefused(OWN_PROCESS, file);
      assertRefused(OWN_PROCESS, directory.resolve(".").resolve("lock"));
      lock.close();
      acquire(file).close();
    }
    assertEquals(OWN_PROCESS + "\n", Files.readString(file));
  }

  @Test
  @DisabledOnOs(value = OS.WINDOWS, disabledReason = "it has no modes")
  void a_lock_file_of_an_earlier_version_is_for_the_owner_alone_from_now_on() throws Exception {
    Path file = Files.writeString(directory.resolve("lock"), "1234567890\n");
    Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rw-rw-rw-"));
    acquire(file).close();
    assertEquals("rw-------", PosixFilePermissions.toString(Files.getPosixFilePermissions(file)));
    assertEquals(OWN_PROCESS + "\n", Files.readString(file));
  }

  @Test
  void a_second_close_does_not_release_the_lock_of_the_next() throws Exception {
    Path file = directory.resolve("lock");
    LockFile first = acquire(file);
    first.close();
    LockFile second = acquire(file);
    try (second) {
      first.close();
      assertRefused(OWN_PROCESS, file);
    }
  }

  @Test
  void a_refusal_in_this_process_keeps_the_lock_against_other_processes() throws Exception {
    Path file = directory.resolve("lock");
    LockFile lock = acquire(file);
    try (lock) {
      assertRefused(OWN_PROCESS, file);
      assertOtherProcessIsRefused(file);
    }
  }

  @Test
  @DisabledOnOs(value = OS.WINDOWS, disabledReason = "links need a privilege there")
  void other_names_of_the_file_are_known() throws Exception {
    Path file = directory.resolve("lock");
    LockFile lock = acquire(file);
    try (lock) {
      Path alias = Files.createSymbolicLink(directory.resolve("alias"), directory);
      Path hard = Files.createLink(directory.resolve("hard"), file);
      assertRefused(OWN_PROCESS, alias.resolve("lock"));
      assertRefused(OWN_PROCESS, hard);
      assertOtherProcessIsRefused(file);
    }
  }

  @Test
  void the_library_in_another_class_loader_is_refused_and_frees_nothing() throws Exception {
    Path file = directory.resolve("lock");
    List<URL> path = new ArrayList<>();
    for (Class<?> type : List.of(LockFile.class, LockFileTest.class)) {
      path.add(type.getProtectionDomain().getCodeSource().getLocation());
    }
    LockFile lock = acquire(file);
    try (lock;
        URLClassLoader loader =
            new URLClassLoader(path.toArray(URL[]::new), ClassLoader.getPlatformClassLoader())) {
      Class<?> other = loader.loadClass(LockFile.class.getName());
      Throwable refused =
          assertThrows(
                  ReflectiveOperationException.class,
                  () ->
                      other
                          .getMethod("acquire", Path.class, String.class, String.class)
                          .invoke(null, file, "it", "take another"))
              .getCause();
      assertTrue(refused.getMessage().contains("process " + OWN_PROCESS), refused::toString);
      assertOtherProcessIsRefused(file);
    }
  }

  @Test
  void another_process_has_the_lock_until_it_ends() throws Exception {
    Path file = directory.resolve("lock");
    try (ChildJvm other = ChildJvm.in(directory).start(Program.class, file.toString())) {
      other.awaitOut("^locked$");
      assertRefused(other.pid(), file);
      assertRefused(other.pid(), file);
    }
    acquire(file).close();
  }

  @Test
  void a_lock_of_which_the_holder_is_not_written_is_refused_all_the_same() throws Exception {
    Path file = directory.resolve("lock");
    try (ChildJvm other = ChildJvm.in(directory).start(Program.class, file.toString())) {
      other.awaitOut("^locked$");
      Files.writeString(file, "x".repeat(100));
      IOException e = assertThrows(FileRefusedException.class, () -> acquire(file));
      assertTrue(e.getMessage().contains("of the process ?:"), e::getMessage);
    }
  }
}
