package dev.ingest.internal.file;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileAttribute;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Set;

/**
 * The modes that files and directories are made with. Systems without POSIX permissions, such as
 * Windows, give what they make the permissions of the directory that it is in.
 */
enum Permissions {
  /** 0600. */
  FILE("rw-------"),
  /** 0700. */
  DIRECTORY("rwx------");

  private static final FileAttribute<?>[] NONE = {};

  private final String mode;

  Permissions(String mode) {
    this.mode = mode;
  }

  private Set<PosixFilePermission> set() {
    return PosixFilePermissions.fromString(mode);
  }

  static boolean areKnownAt(Path path) {
    return path.getFileSystem().supportedFileAttributeViews().contains("posix");
  }

  /** Returns the mode as what something at a path is to be made with. */
  FileAttribute<?>[] toMake(Path path) {
    return areKnownAt(path)
        ? new FileAttribute<?>[] {PosixFilePermissions.asFileAttribute(set())}
        : NONE;
  }

  /** Takes from others what they may do, if the file is the user's own. */
  void restrict(Path path) {
    try {
      if (areKnownAt(path) && !set().containsAll(Files.getPosixFilePermissions(path))) {
        Files.setPosixFilePermissions(path, set());
      }
    } catch (IOException e) {
      // It is another user's, who can do with it what they like anyway.
    }
  }

  /**
   * Gives what was just made the part of the mode that the umask took: that can only be the owner's
   * own, so that nobody else has had more for a moment.
   */
  void complete(Path path) throws IOException {
    if (areKnownAt(path) && !Files.getPosixFilePermissions(path).containsAll(set())) {
      Files.setPosixFilePermissions(path, set());
    }
  }
}
