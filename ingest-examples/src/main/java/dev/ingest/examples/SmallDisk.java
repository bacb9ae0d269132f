package dev.ingest.examples;

import dev.ingest.cleanup.CleanupRegistry;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * A file system in memory that is soon full: a tmpfs, which only root can mount. It is unmounted at
 * the latest when the process exits, also by a signal, unless that is SIGKILL.
 */
final class SmallDisk implements AutoCloseable {
  private static final int MEBIBYTES = 6;

  private final Path directory;
  private final Path filler;
  private final CleanupRegistry.Registration atExit;
  private boolean mounted;
  private boolean ended;

  private SmallDisk(Path directory) {
    this.directory = directory;
    this.filler = directory.resolve("filler");
    this.atExit = CleanupRegistry.global().register(this::unmount);
  }

  /**
   * Mounts a disk.
   *
   * @param directory where; it is made
   * @throws IOException if this user may not do that, or the system has no such disks
   */
  static SmallDisk mount(Path directory) throws IOException {
    Files.createDirectories(directory);
    SmallDisk disk = new SmallDisk(directory.toAbsolutePath());
    try {
      disk.mount();
      return disk;
    } catch (IOException e) {
      disk.atExit.unregister();
      throw e;
    }
  }

  /** The exit may come at any moment: it waits for the lock, and so unmounts what is mounted. */
  private synchronized void mount() throws IOException {
    if (!ended) {
      String options = "size=" + MEBIBYTES + "m,mode=0700";
      ShellCommand.run("mount", "-t", "tmpfs", "-o", options, "tmpfs", directory.toString());
      mounted = true;
    }
  }

  /** At once, though a process may still have files open there. */
  private synchronized void unmount() throws IOException {
    ended = true;
    if (mounted) {
      mounted = false;
      ShellCommand.run("umount", "-l", directory.toString());
    }
  }

  Path directory() {
    return directory;
  }

  /**
   * Fills the disk up to so many bytes, as far as there were more. Never writes more than it holds,
   * and nothing once it is unmounted, when the same path leads to another disk.
   */
  synchronized void fill(long bytesLeft) throws IOException {
    if (!mounted) {
      return;
    }
    long room = Math.min(directory.toFile().getUsableSpace(), (long) MEBIBYTES << 20) - bytesLeft;
    try (OutputStream out = Files.newOutputStream(filler)) {
      out.write(new byte[(int) Math.max(0, room)]);
    } catch (IOException e) {
      // A server was faster: it is full.
    }
  }

  /** Makes the room again that {@link #fill} took. */
  synchronized void empty() throws IOException {
    Files.deleteIfExists(filler);
  }

  @Override
  public void close() throws IOException {
    unmount();
    atExit.unregister();
  }
}
