package dev.ingest.internal.deliver;

import dev.ingest.internal.batch.ArrivalHeader;
import dev.ingest.internal.batch.Batch;
import dev.ingest.internal.batch.BatchQueue;
import dev.ingest.internal.custody.Custody;
import dev.ingest.internal.decode.Decoder;
import dev.ingest.internal.decode.RejectedException;
import dev.ingest.internal.log.Log;
import dev.ingest.internal.spool.PendingLines;
import dev.ingest.internal.spool.SpoolReader;
import dev.ingest.record.Field;
import dev.ingest.stats.RejectReason;
import java.io.IOException;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.nio.ByteBuffer;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Reads what is pending in the spool back into a batch, through the same decoder as everything.
 *
 * <p>A batch holds lines that follow one another in a segment. A line that is not as it was written
 * has the file read again, which tells what is damaged. That becomes dead letters, and so does a
 * good line that is no record of the schema. Only the writer thread uses it.
 */
final class PendingRecords {
  private static final Logger LOGGER = Log.of("dev.ingest.spool");

  /** How much of what is damaged goes to one dead letter at most. */
  private static final int SHOWN_BYTES = 1 << 16;

  private final Custody custody;
  private final Decoder decoder;
  private final UnreadableLines unreadable;
  private final SpoolReader reader;
  private final Batch batch;

  /** Where the line after each row of the batch begins in the reader's buffer. */
  private final int[] lineEnds;

  /**
   * The name of a field that the server sets, and that must not be null; empty if there is none.
   */
  private final Optional<String> requiredArrival;

  private @Nullable PendingLines pending;

  /** Makes a reader of batches that are filled up to as many rows as there are line ends. */
  PendingRecords(Custody custody, Decoder decoder, UnreadableLines unreadable, BatchQueue queue) {
    this.custody = custody;
    this.decoder = decoder;
    this.unreadable = unreadable;
    this.reader = custody.reader();
    this.batch = queue.spare();
    this.lineEnds = new int[batch.maxRows()];
    this.requiredArrival =
        batch.all().schema().fields().stream()
            .filter(field -> field.origin() != Field.Origin.RECORD && !field.optional())
            .map(Field::name)
            .findFirst();
  }

  /**
   * Reads the next records that are pending, the oldest.
   *
   * @return a batch, valid until the next call, to be followed by {@link #advance}; null if nothing
   *     is pending
   * @throws IOException if what is pending cannot be read now; it stays pending
   */
  @Nullable Batch next() throws IOException {
    batch.clear();
    PendingLines next;
    while (batch.rows() == 0 && (next = custody.nextPending()) != null) {
      pending = next;
      if (next.areMissing() || !reader.read(next)) {
        logGone(next);
      } else if (next.areDamaged()) {
        deadLetterDamaged(next);
      } else if (next.skip() > 0) {
        skip(next);
      } else {
        decode(next);
        batch.placed(next.segment(), next.line(), next.offset(), batch.rows());
      }
    }
    return batch.rows() == 0 ? null : batch;
  }

  /** Moves on past so many rows of the batch, which are settled; the others stay pending. */
  void advance(int settled) {
    PendingLines last = pending;
    if (last != null && settled > 0) {
      custody.advance(last, settled, lineEnds[settled - 1]);
    }
  }

  private void logGone(PendingLines next) {
    int records = custody.gone(next);
    if (records > 0) {
      LOGGER.log(
          Level.ERROR,
          "the spool's file "
              + next.file()
              + " is gone or was cut, and with it records that were not stored yet: "
              + records
              + ". Nobody but the server may touch the files in its spool directory while it runs");
    }
  }

  /** Makes dead letters of what is left of damaged lines, at most one for each record. */
  private void deadLetterDamaged(PendingLines next) throws IOException {
    int letters = 0;
    int at = 0;
    while (letters < next.take() && at < reader.filled()) {
      int end = letters + 1 < next.take() ? reader.nextLine(at) : reader.filled();
      int length = (end < 0 ? reader.filled() : end) - at;
      unreadable.addDamaged(
          next, ByteBuffer.wrap(reader.buffer(), at, Math.min(length, SHOWN_BYTES)));
      letters++;
      at += length;
    }
    custody.damaged(next, letters);
    if (next.take() > 0) {
      LOGGER.log(
          Level.ERROR,
          "the spool's file "
              + next.file()
              + " is damaged: of "
              + next.take()
              + " records that were not stored yet, "
              + letters
              + " are dead letters now, and nothing is left of the others");
    }
  }

  /** Moves on past lines that are settled, as far as the buffer holds them. */
  private void skip(PendingLines next) throws IOException {
    int lines = 0;
    int at = 0;
    while (lines < next.skip()) {
      int end = reader.nextLine(at);
      if (end < 0 || !reader.isGood(next, lines, at, end)) {
        break;
      }
      at = end;
      lines++;
    }
    if (lines > 0) {
      custody.advance(next, lines, at);
    } else {
      readAgain(next);
    }
  }

  /** Decodes lines until the batch is full, the buffer empty, or a line is no good record. */
  private void decode(PendingLines next) throws IOException {
    int at = 0;
    while (batch.rows() < next.take() && batch.roomFor(0) > 0) {
      int end = reader.nextLine(at);
      if (end < 0 || !reader.isGood(next, batch.rows(), at, end)) {
        if (batch.rows() == 0) {
          readAgain(next);
        }
        return;
      }
      if (!decodeLine(next, at, end)) {
        return;
      }
      lineEnds[batch.rows() - 1] = end;
      at = end;
    }
  }

  private void readAgain(PendingLines next) throws IOException {
    if (!custody.readAgain(next)) {
      throw new IOException(next.file() + " reads differently each time");
    }
  }

  /**
   * Decodes a line.
   *
   * @return false if it is no record; if it is the first line it is settled then
   */
  private boolean decodeLine(PendingLines next, int offset, int end) throws IOException {
    int length = SpoolReader.lengthWithoutCheck(offset, end);
    try {
      int line = batch.append(reader.buffer(), offset, length);
      decodeRecord(line, line + length);
      return true;
    } catch (RejectedException e) {
      batch.rollback();
      if (batch.rows() == 0) {
        unreadable.add(next, e, reader.buffer(), offset, length);
        custody.advance(next, 1, end - offset);
      }
      return false;
    }
  }

  private void decodeRecord(int line, int lineEnd) throws RejectedException {
    int header = ArrivalHeader.length(batch.payload(), line, lineEnd);
    checkHeader(header);
    int record = line + header;
    int recordEnd = header == 0 ? lineEnd : lineEnd - 1;
    int records = decoder.decode(batch, record, recordEnd - record);
    if (records > 1) {
      throw new RejectedException(
          RejectReason.TRAILING_GARBAGE, "the line holds " + records + " records: expected one");
    }
    if (header == 0) {
      batch.commit(null, 0, lineEnd);
    } else {
      batch.commitLine(line, header, lineEnd);
    }
  }

  private void checkHeader(int length) throws RejectedException {
    if (length < 0) {
      throw new RejectedException(
          RejectReason.MALFORMED_JSON,
          "the line begins with '[': expected a record, or [NANOSECONDS,\"SENDER\",RECORD]");
    }
    if (length == 0 && requiredArrival.isPresent()) {
      throw new RejectedException(
          RejectReason.MISSING_FIELD,
          "the line has no value for the field '"
              + requiredArrival.get()
              + "', since it was spooled under a schema without one that the server sets: make the"
              + " field optional()");
    }
  }
}
