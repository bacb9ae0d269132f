package dev.ingest.internal.deadletter;

import dev.ingest.internal.ledger.RateLimitedLog;
import java.io.ByteArrayOutputStream;
import java.io.Closeable;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.lang.System.Logger.Level;
import java.nio.ByteBuffer;
import java.nio.channels.OverlappingFileLockException;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Instant;
import java.util.Arrays;
import java.util.Base64;
import java.util.HexFormat;

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
public final class DeadLetterFile implements Closeable {
  private static final HexFormat HEX = HexFormat.of();

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

  /**
   * Writes a letter.
   *
   * @param source where it came from, for people
   * @return false if it could not be written, which is logged
   */
  public synchronized boolean write(
      String reason, String detail, String source, byte[] bytes, int offset, int length) {
    ByteArrayOutputStream line = new ByteArrayOutputStream(length + 256);
    append(line, "{\"time\":\"" + Instant.now() + "\",\"source\":");
    appendString(line, source);
    append(line, ",\"reason\":");
    appendString(line, reason);
    append(line, ",\"detail\":");
    appendString(line, detail);
    try {
      String payload =
          StandardCharsets.UTF_8
              .newDecoder()
              .decode(ByteBuffer.wrap(bytes, offset, length))
              .toString();
      append(line, ",\"payload\":");
      appendString(line, payload);
    } catch (CharacterCodingException e) {
      append(line, ",\"payloadBase64\":\"");
      line.writeBytes(
          Base64.getEncoder().encode(Arrays.copyOfRange(bytes, offset, offset + length)));
      line.write('"');
    }
    append(line, "}\n");
    return writeWhole(line.toByteArray());
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
          1, () -> "cannot write to the dead-letter file " + path + ": " + e.getMessage());
      truncate(start);
      return false;
    }
  }

  /** Takes a half-written line back, so that the file stays readable. */
  private void truncate(long size) {
    try {
      if (size >= 0) {
        file.setLength(size);
        file.seek(size);
      }
    } catch (IOException e) {
      failureLog.event(
          1,
          () ->
              "cannot take back half a line of the dead-letter file "
                  + path
                  + ": "
                  + e.getMessage());
    }
  }

  private static void append(ByteArrayOutputStream line, String text) {
    line.writeBytes(text.getBytes(StandardCharsets.UTF_8));
  }

  private static void appendString(ByteArrayOutputStream line, String text) {
    StringBuilder json = new StringBuilder(text.length() + 16).append('"');
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      switch (c) {
        case '"', '\\' -> json.append('\\').append(c);
        case '\n' -> json.append("\\n");
        case '\r' -> json.append("\\r");
        case '\t' -> json.append("\\t");
        default -> {
          if (c < ' ' || (Character.isSurrogate(c) && !isPaired(text, i))) {
            json.append("\\u").append(HEX.toHexDigits(c));
          } else {
            json.append(c);
          }
        }
      }
    }
    append(line, json.append('"').toString());
  }

  private static boolean isPaired(String text, int i) {
    return Character.isHighSurrogate(text.charAt(i))
        ? i + 1 < text.length() && Character.isLowSurrogate(text.charAt(i + 1))
        : i > 0 && Character.isHighSurrogate(text.charAt(i - 1));
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
