package dev.ingest.internal.batch;

import dev.ingest.record.Field;
import dev.ingest.record.Field.Origin;
import dev.ingest.record.Schema;
import java.net.SocketAddress;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/**
 * Who sent the rows of a batch, and if the schema has fields for that, when they arrived.
 *
 * <p>If it has, an {@link ArrivalHeader} stands in the payload behind the messages, one for all
 * rows that follow one another, are from one sender, and arrived at one time. Each row knows where
 * its header is; the cells of a sender are ranges of it.
 */
final class Arrivals {
  private final int[] receivedAtColumns;
  private final int[] senderColumns;
  private final boolean kept;
  private final ArrivalHeader header = new ArrivalHeader();

  private @Nullable SocketAddress[] senders = new SocketAddress[0];

  /** Where the header of each row is in the payload; 0 if it has none. */
  private long[] headers = new long[0];

  // The last header in the payload; 0 if there is none yet.
  private long last;
  private long lastSender;

  Arrivals(Schema schema) {
    receivedAtColumns = columns(schema, Origin.RECEIVED_AT);
    senderColumns = columns(schema, Origin.SENDER);
    kept = receivedAtColumns.length + senderColumns.length > 0;
  }

  private static int[] columns(Schema schema, Origin origin) {
    List<Field> fields = schema.fields();
    return IntStream.range(0, fields.size())
        .filter(column -> fields.get(column).origin() == origin)
        .toArray();
  }

  /** Tells whether the schema has fields for arrivals. */
  boolean areKept() {
    return kept;
  }

  /** Makes room for so many rows. */
  void grow(int capacity) {
    senders = Arrays.copyOf(senders, capacity);
    if (kept) {
      headers = Arrays.copyOf(headers, capacity);
    }
  }

  /** Forgets all. */
  void clear() {
    last = 0;
  }

  /** Sets that rows are from one sender; null if they were read back from the spool. */
  void set(int row, int end, @Nullable SocketAddress sender) {
    Arrays.fill(senders, row, end, sender);
  }

  /** Sets that rows are from senders, of which the first has an index. */
  void set(int row, int end, @Nullable SocketAddress[] from, int first) {
    System.arraycopy(from, first, senders, row, end - row);
  }

  /** Appends headers of rows whose senders are set, and sets the cells. */
  void keep(Payload payload, Cells cells, int row, int end, long receivedAt) {
    for (int i = row; i < end; i++) {
      SocketAddress sender = senders[i];
      if (sender == null) {
        headers[i] = 0;
        continue;
      }
      if (last == 0 || !header.isOf(sender, receivedAt)) {
        header.write(sender, receivedAt);
        int offset = header.appendTo(payload);
        payload.commit(offset + header.length());
        setLast(payload.bytes(), offset, header.length());
      }
      setRow(cells, i, receivedAt);
    }
  }

  /** Sets the header of a row that was read back, and the cells. */
  void keep(Payload payload, Cells cells, int row, int offset, int length) {
    setLast(payload.bytes(), offset, length);
    setRow(cells, row, ArrivalHeader.receivedAt(payload.bytes(), offset));
  }

  private void setLast(byte[] payload, int offset, int length) {
    int sender = ArrivalHeader.senderOffset(payload, offset);
    last = Cells.range(offset, length);
    lastSender = Cells.range(sender, ArrivalHeader.senderLength(offset, length, sender));
  }

  private void setRow(Cells cells, int row, long receivedAt) {
    headers[row] = last;
    for (int column : receivedAtColumns) {
      cells.set(row, column, receivedAt);
    }
    for (int column : senderColumns) {
      cells.set(row, column, lastSender);
    }
  }

  /** Returns who sent a row; null if it was read back from the spool. */
  @Nullable SocketAddress sender(int row) {
    return senders[row];
  }

  /** Returns where the header of a row is in the payload; 0 if it has none. */
  long header(int row) {
    return kept ? headers[row] : 0;
  }
}
