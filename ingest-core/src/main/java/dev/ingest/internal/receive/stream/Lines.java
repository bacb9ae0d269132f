package dev.ingest.internal.receive.stream;

import dev.ingest.internal.intake.Intake;
import dev.ingest.internal.intake.Messages;
import dev.ingest.internal.receive.Admission;
import dev.ingest.stats.IgnoreReason;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Arrays;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * Cuts what came over a connection into lines, and gives them to the intake where they lie. All
 * connections of a source share its buffer: what is read begins behind as much room as the
 * beginning of the line needs that the connection keeps, and only when the line ends is that put
 * there. So each byte is copied at most twice, however few come at once.
 *
 * <p>Only the receiver thread uses it.
 */
final class Lines implements Messages {
  /** What is read at once at least, if it is there. */
  static final int READ_BYTES = 1 << 17;

  /** What lines share that are taken in together costs next to nothing from here on. */
  private static final int MOST_LINES = 64;

  /** Eight newlines, and eight times the lowest and the highest bit of a byte. */
  private static final long NEWLINES = 0x0a0a0a0a0a0a0a0aL;

  private static final long LOW_BITS = 0x0101010101010101L;
  private static final long HIGH_BITS = 0x8080808080808080L;

  private final int maxRecordSize;
  private final Intake intake;
  private final @Nullable Admission rate;
  private final ByteBuffer buffer;
  private final ByteBuffer line;
  private final @Nullable SocketAddress[] senders = new SocketAddress[MOST_LINES];
  private final int[] starts = new int[MOST_LINES];
  private final int[] ends = new int[MOST_LINES];
  private int count;
  private int bytes;
  private int throttled;

  /**
   * Makes the buffer.
   *
   * @param more how many bytes one reading may give besides {@link #READ_BYTES}
   * @param rate decides which lines are accepted; null if all are
   */
  Lines(int maxRecordSize, int more, Intake intake, @Nullable Admission rate) {
    this.maxRecordSize = maxRecordSize;
    this.intake = intake;
    this.rate = rate;
    this.buffer =
        ByteBuffer.allocateDirect(maxRecordSize + READ_BYTES + more)
            .order(ByteOrder.LITTLE_ENDIAN); // see newline()
    this.line = buffer.duplicate();
  }

  /** Returns the buffer to read into: from its position on. */
  ByteBuffer room(PartialLine partial) {
    return buffer.clear().position(partial.length());
  }

  /** Takes in what was read, up to the position of the buffer that {@link #room} returned. */
  void take(PartialLine partial, SocketAddress sender) {
    int end = buffer.position();
    int read = partial.length();
    int start = 0;
    for (int at = newline(read, end); at >= 0; at = newline(start, end)) {
      partial.moveTo(buffer);
      if (!partial.endSkip()) {
        add(start, at, sender);
      }
      start = at + 1;
    }
    if (!partial.isSkipped()) {
      if (end - start > maxRecordSize) {
        partial.moveTo(buffer);
        add(start, end, sender);
        partial.skip();
      } else {
        partial.append(buffer, Math.max(start, read), end, maxRecordSize);
      }
    }
    handOver();
  }

  /** Takes in what there is of a line after which no more comes. */
  void takeLast(PartialLine partial, SocketAddress sender) {
    int end = partial.length();
    partial.moveTo(buffer.clear());
    add(0, end, sender);
    handOver();
  }

  private void add(int start, int end, SocketAddress sender) {
    int length = Math.min(end - start, maxRecordSize + 1);
    if (length <= maxRecordSize && isBlank(start, end)) {
      return;
    }
    if (rate != null && !isWithinRate(rate, start, end, (InetSocketAddress) sender)) {
      throttled++;
      return;
    }
    starts[count] = start;
    ends[count] = start + length;
    bytes += length;
    if (senders[count] != sender) {
      Arrays.fill(senders, sender);
    }
    if (++count == MOST_LINES) {
      handOver();
    }
  }

  private boolean isWithinRate(Admission rate, int start, int end, InetSocketAddress sender) {
    return rate.judge(sender, line.limit(end).position(start)) == null;
  }

  private boolean isBlank(int start, int end) {
    for (int i = start; i < end; i++) {
      byte b = buffer.get(i);
      if (b != ' ' && b != '\t' && b != '\r') {
        return false;
      }
    }
    return true;
  }

  private void handOver() {
    if (throttled > 0) {
      intake.ignored(IgnoreReason.THROTTLED, throttled);
      throttled = 0;
    }
    if (count > 0) {
      intake.take(this);
      count = 0;
      bytes = 0;
    }
  }

  /**
   * Returns where the next newline is; -1 if there is none. Eight bytes are looked at together: the
   * lowest that is zero is found by the borrow of a subtraction (Warren, "Hacker's Delight",
   * section 6-1), the first byte being the lowest.
   */
  private int newline(int from, int end) {
    int i = from;
    for (; i <= end - Long.BYTES; i += Long.BYTES) {
      long zeros = buffer.getLong(i) ^ NEWLINES;
      long found = (zeros - LOW_BITS) & ~zeros & HIGH_BITS;
      if (found != 0) {
        return i + Long.numberOfTrailingZeros(found) / Byte.SIZE;
      }
    }
    for (; i < end; i++) {
      if (buffer.get(i) == '\n') {
        return i;
      }
    }
    return -1;
  }

  @Override
  public int count() {
    return count;
  }

  @Override
  public int maxBytes() {
    return bytes;
  }

  @Override
  public ByteBuffer message(int index) {
    return line.limit(ends[index]).position(starts[index]);
  }

  @Override
  public SocketAddress sender(int index) {
    return Objects.requireNonNull(senders[index]);
  }

  @Override
  public @Nullable SocketAddress[] senders() {
    return senders;
  }
}
