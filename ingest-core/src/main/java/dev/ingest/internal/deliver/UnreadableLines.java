package dev.ingest.internal.deliver;

import dev.ingest.internal.batch.ArrivalHeader;
import dev.ingest.internal.custody.Custody;
import dev.ingest.internal.deadletter.DeadLetter;
import dev.ingest.internal.deadletter.DeadLetterFile;
import dev.ingest.internal.deadletter.DeadLetters;
import dev.ingest.internal.decode.RejectedException;
import dev.ingest.internal.log.Log;
import dev.ingest.internal.log.RateLimitedLog;
import dev.ingest.internal.spool.PendingLines;
import java.io.Closeable;
import java.io.IOException;
import java.lang.System.Logger.Level;
import java.nio.ByteBuffer;
import java.util.OptionalLong;
import org.jspecify.annotations.Nullable;

/**
 * Makes dead letters of lines of the spool that were damaged, or are no records of the schema,
 * because that is another one by now: in the server's dead-letter file, or if it has none in
 * {@value #FILE} in the spool's directory. Only the writer thread uses it.
 */
final class UnreadableLines implements Closeable {
  /** Where the lines go if there is no dead-letter file. */
  static final String FILE = "unreadable.ndjson";

  private final Custody custody;
  private final DeadLetters deadLetters;
  private final DeadLetterFile.Opener opener;
  private @Nullable DeadLetterFile own;
  private final RateLimitedLog log = new RateLimitedLog(Log.of("dev.ingest.spool"), Level.ERROR);

  /**
   * Makes a place for such lines.
   *
   * @param opener opens the file in the spool's directory
   */
  UnreadableLines(Custody custody, DeadLetters deadLetters, DeadLetterFile.Opener opener) {
    this.custody = custody;
    this.deadLetters = deadLetters;
    this.opener = opener;
  }

  /**
   * Makes a dead letter of the first of pending lines, which is no record, and settles it. If the
   * line has a header, the payload is what stands behind that.
   *
   * @param buffer holds the line, without its check
   * @throws IOException if it cannot be written; the line stays pending
   */
  void add(PendingLines pending, RejectedException why, byte[] buffer, int offset, int length)
      throws IOException {
    String place = pending.position().toString();
    int header = ArrivalHeader.length(buffer, offset, offset + length);
    write(
        place,
        header <= 0
            ? new DeadLetter(
                place, why.reason().name(), why.detail(), ByteBuffer.wrap(buffer, offset, length))
            : new DeadLetter(
                ArrivalHeader.sender(buffer, offset, header),
                place,
                OptionalLong.of(ArrivalHeader.receivedAt(buffer, offset)),
                why.reason().name(),
                why.detail(),
                ByteBuffer.wrap(buffer, offset + header, length - header - 1)));
    log.event(
        () ->
            "what stands in the "
                + pending.position()
                + " is no record of the schema, and is a dead letter now: "
                + why.reason()
                + ": "
                + why.detail());
    custody.deadLettered(pending);
  }

  /**
   * Makes a dead letter of what is left of one of pending lines, which were damaged.
   *
   * @throws IOException if it cannot be written; the lines stay pending
   */
  void addDamaged(PendingLines pending, ByteBuffer left) throws IOException {
    String place = pending.position().toString();
    String detail = "the file was damaged there: what is left is no line as it was written";
    write(place, new DeadLetter(place, DeadLetter.DAMAGED, detail, left));
  }

  private void write(String place, DeadLetter letter) throws IOException {
    if (file().write(letter).isPresent()) {
      throw new IOException("the line cannot be written to the dead letters: " + place);
    }
  }

  private DeadLetters file() throws IOException {
    if (deadLetters != DeadLetters.NONE) {
      return deadLetters;
    }
    if (own == null) {
      own = opener.open(custody.spoolPath().orElseThrow().resolve(FILE));
    }
    return own;
  }

  /** Closes the file in the spool's directory, if there is one. */
  @Override
  public void close() throws IOException {
    if (own != null) {
      own.close();
    }
  }
}
