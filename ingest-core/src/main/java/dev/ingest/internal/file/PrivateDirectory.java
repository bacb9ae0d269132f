package dev.ingest.internal.file;

import java.io.IOException;
import java.nio.channels.ClosedByInterruptException;
import java.nio.channels.FileChannel;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.nio.file.attribute.UserPrincipal;
import java.util.Set;

/**
 * Makes directories with the mode 0700 whatever the umask, checks those that exist, and syncs them:
 * a file or a directory that was made is there after a power loss only if the directory that holds
 * it was synced since, see fsync(2).
 */
public final class PrivateDirectory {
  private PrivateDirectory() {}

  /**
   * Makes a directory, and those above it that are missing. They are there after a power loss, also
   * if the process that had made them was killed before they were synced.
   */
  public static void make(Path directory) throws IOException {
    makeAll(directory);
    Path parent = directory.toAbsolutePath().getParent();
    if (parent != null) {
      syncReadable(parent);
    }
  }

  private static void makeAll(Path directory) throws IOException {
    if (Files.isDirectory(directory)) {
      return;
    }
    Path parent = directory.toAbsolutePath().getParent();
    if (parent != null) {
      makeAll(parent);
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
    if (parent != null) {
      syncReadable(parent);
    }
  }

  /**
   * Syncs a directory of somebody else's making, if this process can: it need not be readable to
   * make files in it, and can only be synced if it is.
   */
  public static void syncReadable(Path directory) throws IOException {
    if (Files.isReadable(directory)) {
      sync(directory);
    }
  }

  /**
   * Waits until the entries of a directory are on the disk. Does nothing on systems without POSIX
   * permissions, such as Windows, which have no way to do that. Only a channel can do it, and an
   * interrupt closes the channel: then it is done again, and the interrupt flag is kept.
   */
  public static void sync(Path directory) throws IOException {
    if (!Permissions.areKnownAt(directory)) {
      return;
    }
    boolean interrupted = Thread.interrupted();
    try {
      while (true) {
        try (FileChannel channel = FileChannel.open(directory, StandardOpenOption.READ)) {
          channel.force(true);
          return;
        } catch (ClosedByInterruptException e) {
          interrupted |= Thread.interrupted();
        }
      }
    } finally {
      if (interrupted) {
        Thread.currentThread().interrupt();
      }
    }
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
