package dev.ingest.sqlite;

import dev.ingest.sink.SinkException;
import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.nio.file.attribute.FileTime;
import java.nio.file.attribute.UserPrincipal;
import java.time.Duration;
import java.time.Instant;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import org.sqlite.SQLiteJDBCLoader;

/**
 * SQLite itself, native code that sqlite-jdbc copies from its jar into a temporary directory and
 * loads from there (see its SQLiteJDBCLoader). It removes the copy when the JVM ends, but not if
 * that is killed, nor later, since the file {@code .lck} beside the copy stays as well.
 *
 * <p>So what other JVMs of this user left is removed here, before the driver makes its own copy.
 * Whether such a JVM still runs does not matter: where a loaded library can be removed at all, as
 * on Linux and macOS, the process that has loaded it keeps it; Windows refuses to remove it. Only a
 * copy that is not loaded yet is needed, for some milliseconds, so young ones are left.
 */
final class NativeLibrary {
  private static final Duration YOUNG = Duration.ofMinutes(2);

  /** The names that sqlite-jdbc gives: version, UUID, the library's name on any system. */
  private static final Pattern COPY =
      Pattern.compile(
          "sqlite-[0-9.]+-\\p{XDigit}{8}(-\\p{XDigit}{4}){3}-\\p{XDigit}{12}"
              + "-(lib)?sqlitejdbc\\.(so|dylib|jnilib|dll)(\\.lck)?");

  private static boolean isLoaded;

  private NativeLibrary() {}

  /**
   * Loads the library, once in a JVM.
   *
   * @throws SinkException if that fails; a retry may help, once the directory is put right
   */
  static synchronized void load() throws SinkException {
    if (isLoaded) {
      return;
    }
    Path directory =
        Path.of(System.getProperty("org.sqlite.tmpdir", System.getProperty("java.io.tmpdir", "")))
            .toAbsolutePath();
    removeCopies(directory);
    try {
      // Before the driver does: that would remember a failure for ever.
      isLoaded = SQLiteJDBCLoader.initialize();
    } catch (Exception | LinkageError e) {
      throw SinkException.retryable(
          "cannot load the native library of SQLite from a copy in the directory "
              + directory
              + ": "
              + fault(directory)
              + ". Expected a directory that can be written to, and from which code may be loaded"
              + " (not mounted noexec): name another one with -Dorg.sqlite.tmpdir=DIRECTORY",
          e);
    }
  }

  private static String fault(Path directory) {
    if (!Files.exists(directory)) {
      return "it does not exist";
    }
    if (!Files.isDirectory(directory)) {
      return "it is no directory";
    }
    return Files.isWritable(directory)
        ? "it is mounted noexec, has no room, or this processor or system has no such library"
        : "this process may not write to it";
  }

  /** Leaves what it cannot remove: that harms nothing. */
  private static void removeCopies(Path directory) {
    FileTime young = FileTime.from(Instant.now().minus(YOUNG));
    try (DirectoryStream<Path> copies =
        Files.newDirectoryStream(
            directory, file -> COPY.matcher(file.getFileName().toString()).matches())) {
      UserPrincipal user = user();
      for (Path copy : copies) {
        // The library before its .lck file: without that, the driver of another JVM may remove the
        // library at the same moment, and would log a failure.
        Path library = Path.of(copy.toString().replaceFirst("\\.lck$", ""));
        remove(library, young, user);
        remove(Path.of(library + ".lck"), young, user);
      }
    } catch (IOException | RuntimeException e) {
      // The directory cannot be read. The driver need not read it either.
    }
  }

  private static void remove(Path file, FileTime young, @Nullable UserPrincipal user) {
    try {
      BasicFileAttributes found =
          Files.readAttributes(file, BasicFileAttributes.class, LinkOption.NOFOLLOW_LINKS);
      if (found.isRegularFile()
          && found.lastModifiedTime().compareTo(young) < 0
          && Files.getOwner(file, LinkOption.NOFOLLOW_LINKS).equals(user)) {
        Files.delete(file);
      }
    } catch (IOException | UnsupportedOperationException e) {
      // Another JVM was faster, or it is in use on Windows.
    }
  }

  /** The user of this process. In a container it may have no name, so Linux is asked first. */
  private static @Nullable UserPrincipal user() throws IOException {
    Path self = Path.of("/proc/self");
    try {
      return Files.getOwner(self);
    } catch (NoSuchFileException e) {
      return self.getFileSystem()
          .getUserPrincipalLookupService()
          .lookupPrincipalByName(System.getProperty("user.name", ""));
    }
  }
}
