package dev.ingest.source;

import java.nio.file.Path;
import java.util.Objects;

/**
 * A Unix socket, of the kind SOCK_STREAM. Each line is one message.
 *
 * <pre>{@code
 * builder.source(Unix.at(Path.of("/run/sensors/in.sock")).mode(0660));
 * }</pre>
 *
 * <p>The socket's file is made at the server's start and removed at its close. One that an earlier
 * process has left is replaced, if no server answers on it; otherwise the start fails. The file
 * {@code NAME.lock} beside it is locked meanwhile, and stays.
 */
public final class Unix extends StreamSource<Unix> {
  /** The permissions unless set: only the user of this process may connect. */
  public static final int DEFAULT_MODE = 0600;

  private final Path path;
  private int mode = DEFAULT_MODE;

  private Unix(Path path) {
    this.path = path;
  }

  private Unix(Unix other) {
    super(other);
    this.path = other.path;
    this.mode = other.mode;
  }

  @Override
  Unix copy() {
    return new Unix(this);
  }

  /**
   * Listens on a socket of the file system.
   *
   * @param path where its file is to be, in a directory that exists. The server's {@code start()}
   *     fails if the path is too long, or if there is a file that is no socket. On Linux the JDK
   *     allows 106 bytes, counted with at least six for the name of the file, since the socket is
   *     made in a directory of such a name beside its place
   * @return the socket with every setting at its default
   */
  public static Unix at(Path path) {
    return new Unix(Objects.requireNonNull(path, "path"));
  }

  /**
   * Sets the permissions of the socket's file, whatever the umask: who may write to it may connect.
   *
   * @param mode from 0 to 0777, octal as for chmod; 0600 unless set
   * @return a copy with this mode
   */
  public Unix mode(int mode) {
    if (mode < 0 || mode > 0777) {
      throw new IllegalArgumentException(
          "mode is " + Integer.toOctalString(mode) + ", octal: expected 0 to 777");
    }
    Unix copy = copy();
    copy.mode = mode;
    return copy;
  }

  /**
   * Returns where the socket's file is to be.
   *
   * @return the path
   */
  public Path path() {
    return path;
  }

  /**
   * Returns the permissions of the socket's file.
   *
   * @return from 0 to 0777
   */
  public int mode() {
    return mode;
  }

  @Override
  public String toString() {
    return "Unix socket " + path;
  }
}
