package dev.ingest.examples;

import static java.nio.charset.StandardCharsets.ISO_8859_1;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.io.PrintStream;
import java.nio.charset.Charset;

/**
 * A standard error whose lines name options where the library names its methods, and which do not
 * mix with the status line. What is logged comes through here as well.
 */
final class ErrorLines extends OutputStream {
  private final PrintStream target;
  private final OptionNames names;
  private final StatusLine status;
  private final ByteArrayOutputStream line = new ByteArrayOutputStream();

  private ErrorLines(PrintStream target, OptionNames names, StatusLine status) {
    this.target = target;
    this.names = names;
    this.status = status;
  }

  /** Returns a stream that edits whole lines, and gives them to another one. */
  static PrintStream of(PrintStream target, OptionNames names, StatusLine status) {
    // The property is there from JDK 19 on.
    String encoding = System.getProperty("stderr.encoding", Charset.defaultCharset().name());
    return new PrintStream(new ErrorLines(target, names, status), true, Charset.forName(encoding));
  }

  @Override
  public synchronized void write(int oneByte) throws IOException {
    line.write(oneByte);
    if (oneByte == '\n') {
      flush();
    }
  }

  /** Writes what there is, which may be no whole line. */
  @Override
  public synchronized void flush() throws IOException {
    // Names are ASCII, and what else there is keeps its bytes.
    byte[] edited = names.translate(line.toString(ISO_8859_1)).getBytes(ISO_8859_1);
    line.reset();
    if (edited.length > 0) {
      synchronized (status) {
        status.clear();
        target.write(edited);
        target.flush();
      }
    }
  }
}
