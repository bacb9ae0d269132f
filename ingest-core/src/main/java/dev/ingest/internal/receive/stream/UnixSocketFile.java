package dev.ingest.internal.receive.stream;

import dev.ingest.internal.file.LockFile;
import dev.ingest.source.Unix;
import java.io.Closeable;
import java.io.IOException;
import java.net.ConnectException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.charset.Charset;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.BasicFileAttributes;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.EnumSet;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.ThreadLocalRandom;

/**
 * The file of a Unix socket that is listened on. A lock beside it keeps two servers from replacing
 * each other's.
 *
 * <p>The socket is bound in a directory that only this user may enter, gets its permissions there,
 * and only then moves to its place: to bind it there would let everybody connect whom the umask
 * lets, until the permissions are set. A move also replaces the file of a server that is gone, and
 * clients go on to find the one or the other.
 */
final class UnixSocketFile implements Closeable {
  /**
   * The JDK's limit on Linux: sockaddr_un.sun_path has 108 bytes (unix(7)), of which it uses two.
   */
  private static final int MAX_PATH_BYTES = 106;

  /** Short, or a path near the limit could not be bound. */
  private static final int PRIVATE_NAMES = 36 * 36 * 36;

  private static final int MOST_TRIES = 1_000;

  private static final int SOCKET = 0140000;
  private static final int KIND = 0170000;

  private final Path path;
  private final ServerSocketChannel channel;
  private final LockFile lock;
  private final Object key;

  private UnixSocketFile(Path path, ServerSocketChannel channel, LockFile lock, Object key) {
    this.path = path;
    this.channel = channel;
    this.lock = lock;
    this.key = key;
  }

  /**
   * Binds the socket.
   *
   * @throws IOException if it cannot be bound; the message names the path
   */
  static UnixSocketFile bind(Unix settings) throws IOException {
    Path path = settings.path();
    if (path.getFileName() == null) {
      throw cannotBind(path, "it is no name of a file");
    }
    try {
      return lockAndBind(path, settings.mode());
    } catch (FileSystemException e) {
      throw cannotBind(
          path, e + ": expected a directory that exists, and that this user may write to");
    } catch (UnsupportedOperationException e) {
      throw cannotBind(path, "this system has no Unix sockets with permissions: " + e.getMessage());
    }
  }

  private static UnixSocketFile lockAndBind(Path path, int mode) throws IOException {
    LockFile lock =
        LockFile.acquire(
            path.resolveSibling(path.getFileName() + ".lock"),
            "the Unix socket " + path,
            "stop that server, or choose another path");
    try {
      requireFree(path);
      return bind(path, mode, lock);
    } catch (Throwable t) {
      lock.close();
      throw t;
    }
  }

  private static void requireFree(Path path) throws IOException {
    BasicFileAttributes there;
    try {
      there = attributes(path);
    } catch (NoSuchFileException e) {
      return;
    }
    if (!there.isOther() || !isSocket(path)) {
      throw cannotBind(
          path,
          "there is a file that is no socket: expected none. Choose another path, or move it");
    }
    try (SocketChannel client = SocketChannel.open(StandardProtocolFamily.UNIX)) {
      client.configureBlocking(false); // a server whose backlog is full would block it
      client.connect(UnixDomainSocketAddress.of(path));
    } catch (ConnectException e) {
      return; // nobody listens: a server has left it
    } catch (IOException e) {
      throw inUse(path, ", or cannot be asked whether it is: " + e.getMessage());
    }
    throw inUse(path, "");
  }

  private static IOException inUse(Path path, String detail) {
    return cannotBind(
        path,
        "it is in use by a live server"
            + detail
            + ". Stop that server, remove the file, or choose another path");
  }

  private static boolean isSocket(Path path) throws IOException {
    Object mode = Files.getAttribute(path, "unix:mode", LinkOption.NOFOLLOW_LINKS);
    return ((int) mode & KIND) == SOCKET;
  }

  private static BasicFileAttributes attributes(Path path) throws IOException {
    return Files.readAttributes(path, BasicFileAttributes.class, LinkOption.NOFOLLOW_LINKS);
  }

  private static UnixSocketFile bind(Path path, int mode, LockFile lock) throws IOException {
    Path directory = privateDirectory(path);
    Path bound = directory.resolve("s");
    ServerSocketChannel channel = ServerSocketChannel.open(StandardProtocolFamily.UNIX);
    try {
      requireShort(path, path);
      requireShort(path, bound);
      channel.bind(UnixDomainSocketAddress.of(bound), Listener.BACKLOG).configureBlocking(false);
      Files.setPosixFilePermissions(bound, permissions(mode));
      Object key = Objects.requireNonNull(attributes(bound).fileKey());
      Files.move(bound, path, StandardCopyOption.ATOMIC_MOVE);
      return new UnixSocketFile(path, channel, lock, key);
    } catch (Throwable t) {
      channel.close();
      Files.deleteIfExists(bound);
      throw t;
    } finally {
      Files.deleteIfExists(directory);
    }
  }

  private static void requireShort(Path path, Path bound) throws IOException {
    int bytes = bound.toString().getBytes(Charset.defaultCharset()).length;
    if (bytes > MAX_PATH_BYTES) {
      throw cannotBind(
          path,
          "the socket is made at "
              + bound
              + ", which has "
              + bytes
              + " bytes: expected at most "
              + MAX_PATH_BYTES
              + ". Choose a shorter path, such as a relative one");
    }
  }

  /** Makes a directory beside the path that only this user may enter. */
  private static Path privateDirectory(Path path) throws IOException {
    for (int tries = 0; tries < MOST_TRIES; tries++) {
      int number = PRIVATE_NAMES + ThreadLocalRandom.current().nextInt(PRIVATE_NAMES);
      Path directory = path.resolveSibling("." + Integer.toString(number, 36).substring(1));
      try {
        return Files.createDirectory(
            directory,
            PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------")));
      } catch (FileAlreadyExistsException e) {
        // Another one.
      }
    }
    throw cannotBind(path, "the directory is full of directories with names such as .x1y");
  }

  /** Returns the permissions of which a mode has the bits, from the owner's to all others'. */
  private static Set<PosixFilePermission> permissions(int mode) {
    PosixFilePermission[] all = PosixFilePermission.values();
    Set<PosixFilePermission> set = EnumSet.noneOf(PosixFilePermission.class);
    for (int i = 0; i < all.length; i++) {
      if ((mode << i & 0400) != 0) {
        set.add(all[i]);
      }
    }
    return set;
  }

  private static IOException cannotBind(Path path, String why) {
    return new IOException("cannot bind the Unix socket " + path + ": " + why);
  }

  ServerSocketChannel channel() {
    return channel;
  }

  UnixDomainSocketAddress address() {
    return UnixDomainSocketAddress.of(path);
  }

  /** Removes the file, unless it has been replaced. */
  @Override
  public void close() throws IOException {
    try (lock) {
      if (key.equals(attributes(path).fileKey())) {
        Files.delete(path);
      }
    } catch (NoSuchFileException e) {
      // Somebody was faster.
    }
  }
}
