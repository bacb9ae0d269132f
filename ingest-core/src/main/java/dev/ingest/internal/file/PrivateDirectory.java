package dev.ingest.internal.file;

import java.io.IOException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.nio.file.attribute.UserPrincipal;
import java.util.Set;

/** Makes directories with the mode 0700 whatever the umask, and checks those that exist. */
public final class PrivateDirectory {
  private PrivateDirectory() {}

  /** Makes a directory, and those above it that are missing. */
  public static void make(Path directory) throws IOException {
    if (Files.isDirectory(directory)) {
      return;
    }
    Path parent = directory.toAbsolutePath().getParent();
    if (parent != null) {
      make(parent);
    }
    try {
      Files.createDirectory(directory, Permissions.DIRECTORY.toMake(directory));
    } catch (FileAlreadyExistsException e) {
      if (Files.isDirectory(directory)) {
        return; // somebody else was faster
      }
      throw e;
    }
    Permissions.DIRECTORY.complete(directory);
  }

  /**
   * Requires that nobody but this process's user, and root, can put files into a directory: as
   * sshd's StrictModes does, see sshd_config(5). On systems without POSIX permissions nothing is
   * required. The owner is compared with that of a file made for that purpose, since the JDK does
   * not tell the process's user, and file systems may map users.
   *
   * @param name what the directory is, for the message
   * @throws FileRefusedException if others can write to it, or it is another user's
   * @throws IOException if this process cannot write to it
   */
  public static void requirePrivate(Path directory, String name) throws IOException {
    if (!Permissions.areKnownAt(directory)) {
      return;
    }
    Set<PosixFilePermission> mode = Files.getPosixFilePermissions(directory);
    if (mode.contains(PosixFilePermission.GROUP_WRITE)
        || mode.contains(PosixFilePermission.OTHERS_WRITE)) {
      throw new FileRefusedException(
          name
              + " has the mode "
              + PosixFilePermissions.toString(mode)
              + ", so others could put records into it or take them: expected that only its owner"
              + " can write to it. Run chmod 700 on it, or name another");
    }
    UserPrincipal owner = Files.getOwner(directory);
    UserPrincipal self = self(directory);
    if (!owner.equals(self)) {
      throw new FileRefusedException(
          name
              + " is owned by "
              + owner.getName()
              + ", and this process runs as "
              + self.getName()
              + ": expected a directory of the same user. Run chown on it and chmod 700, or name"
              + " another");
    }
  }

  private static UserPrincipal self(Path directory) throws IOException {
    Path probe =
        Files.createTempFile(directory, "owner", ".tmp", Permissions.FILE.toMake(directory));
    try {
      return Files.getOwner(probe);
    } finally {
      Files.delete(probe);
    }
  }
}
