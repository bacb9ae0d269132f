package dev.ingest.internal.deadletter;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.ingest.internal.json.JsonLine;
import dev.ingest.internal.log.RateLimitedLog;
import dev.ingest.stats.DropReason;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.lang.System.Logger.Level;
import java.nio.channels.OverlappingFileLockException;
import java.nio.charset.CharacterCodingException;
import java.nio.file.Path;
import java.time.Instant;
import java.util.Base64;
import java.util.Optional;

/**
 * A file of newline-delimited JSON, one object for each dead letter:
 *
 * <pre>{"time":"2026-01-31T12:00:00.123Z","source":"192.0.2.7:40000","reason":"WRONG_TYPE",
 * "detail":"...","payload":"..."}</pre>
 *
 * <p>The payload is a JSON string of the bytes as they came; bytes that are not UTF-8 stand in
 * Base64 under {@code payloadBase64} instead. Every letter is written to the file at once, so that
 * a crash of the process keeps it, and the file is synced to disk when it is closed. The file is
 * appended to, and locked against a second process. Thread-safe.
 */
public final class DeadLetterFile implements DeadLetters {
  private final Path path;
  // Not a FileChannel: an interrupt of the writer thread would close that.
  private final RandomAccessFile file;
  private final RateLimitedLog failureLog =
      new RateLimitedLog(System.getLogger("dev.ingest.deadletter"), Level.ERROR);

  private DeadLetterFile(Path path, RandomAccessFile file) {
    this.path = path;
    this.file = file;
  }

  /**
   * Opens or creates a file. A line that a crash has torn is ended, so that the next one stands
   * alone.
   *
   * @throws IOException if it cannot be written or another server has it; the message names the
   *     file
   */
  public static DeadLetterFile open(Path path) throws IOException {
    RandomAccessFile file;
    try {
      file = new RandomAccessFile(path.toFile(), "rw");
    } catch (IOException e) {
      throw new IOException(
          "cannot write the dead-letter file: "
              + e.getMessage()
              + "; expected a writable file, or a new one in a writable directory",
          e);
    }
    try {
      if (!lock(file)) {
        throw new IOException(
            "the dead-letter file "
                + path
                + " is in use by another server: give each a file of its own");
      }
      long size = file.length();
      if (size > 0) {
        file.seek(size - 1);
        if (file.read() != '\n') {
          file.write('\n');
        }
      }
      return new DeadLetterFile(path, file);
    } catch (Throwable t) {
      file.close();
      throw t;
    }
  }

  private static boolean lock(RandomAccessFile file) throws IOException {
    try {
      return file.getChannel().tryLock() != null;
    } catch (OverlappingFileLockException e) {
      return false; // another server of this JVM
    }
  }

  @Override
  public synchronized Optional<DropReason> write(DeadLetter letter) {
    JsonLine line =
        new JsonLine()
            .with("time", Instant.now().toString())
            .with("source", letter.source())
            .with("reason", letter.reason())
            .with("detail", letter.detail());
    try {
      line.with("payload", UTF_8.newDecoder().decode(letter.payload().duplicate()).toString());
    } catch (CharacterCodingException e) {
      line.with(
          "payloadBase64",
          UTF_8.decode(Base64.getEncoder().encode(letter.payload().duplicate())).toString());
    }
    return writeWhole(line.toBytes())
        ? Optional.empty()
        : Optional.of(DropReason.DEAD_LETTER_FAILED);
  }

  private boolean writeWhole(byte[] line) {
    long start = -1;
    try {
      start = file.length(); // it may have been truncated from outside
      file.seek(start);
      file.write(line);
      return true;
    } catch (IOException e) {
      failureLog.event(
          () -> "cannot write to the dead-letter file " + path + ": " + e.getMessage());
      truncate(start);
      return false;
    }
  }

  /** Cuts a half-written line off, so that the file stays readable. */
  private void truncate(long size) {
    try {
      if (size >= 0) {
        file.setLength(size);
      }
    } catch (IOException e) {
      failureLog.event(
          () ->
              "cannot take back half a line of the dead-letter file "
                  + path
                  + ": "
                  + e.getMessage());
    }
  }

  /** Syncs the file to disk and closes it; a letter after that is refused like on any failure. */
  @Override
  public synchronized void close() throws IOException {
    if (file.getChannel().isOpen()) {
      try (file) {
        file.getFD().sync();
      }
    }
  }
}
