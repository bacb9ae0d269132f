package dev.ingest.examples;

import java.io.BufferedInputStream;
import java.io.ByteArrayOutputStream;
import java.io.Closeable;
import java.io.IOException;
import java.io.InputStream;
import org.jspecify.annotations.Nullable;

/**
 * The lines of a file as bytes. Only a newline ends a line: a record may hold a carriage return. Of
 * a line that is longer than a server writes, only the beginning is given, which is neither a
 * letter nor a line of a spool.
 */
final class ByteLines implements Closeable {
  /** The longest line is a letter of 64 KiB, each byte of it escaped as six characters. */
  static final int MAX_BYTES = 1 << 20;

  private final InputStream in;
  private final ByteArrayOutputStream line = new ByteArrayOutputStream();

  ByteLines(InputStream file) {
    in = new BufferedInputStream(file, 1 << 16);
  }

  /** Returns the next line, without its newline; null at the end. The last one may lack it. */
  byte @Nullable [] next() throws IOException {
    line.reset();
    int b;
    while ((b = in.read()) >= 0 && b != '\n') {
      if (line.size() < MAX_BYTES) {
        line.write(b);
      }
    }
    return b < 0 && line.size() == 0 ? null : line.toByteArray();
  }

  @Override
  public void close() throws IOException {
    in.close();
  }
}
