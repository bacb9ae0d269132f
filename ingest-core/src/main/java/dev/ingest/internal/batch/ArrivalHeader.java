package dev.ingest.internal.batch;

import static java.nio.charset.StandardCharsets.US_ASCII;

import dev.ingest.internal.log.Addresses;
import java.net.SocketAddress;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * When a record arrived, and who sent it, as text that stands before the record on its line of the
 * spool: {@code [1751715061123456789,"192.0.2.7:40123",}, in nanoseconds since 1970. With {@link
 * #END} behind the record the line is a JSON array. Since no record begins with '[', the first byte
 * of a line tells whether it has a header.
 *
 * <p>An object of this class writes headers; the text of a sender is made once, as long as the next
 * record is from the same one. One thread at a time uses it.
 */
public final class ArrivalHeader {
  /** What follows the record on a line with a header. */
  public static final byte END = ']';

  /** As much as a header has at most if the sender has an IP address, or nearly so. */
  static final int USUAL_BYTES = 96;

  private static final byte BEGIN = '[';
  private static final byte QUOTE = '"';

  /** Where the digits of the time end: before them is room for the longest and what begins. */
  private static final int DIGITS_END = 1 + String.valueOf(Long.MIN_VALUE).length();

  private byte[] bytes = new byte[DIGITS_END + USUAL_BYTES];
  private int start;
  private int end;
  private @Nullable SocketAddress sender;
  private long receivedAt;

  /** Tells whether this is the header of a sender and a time. */
  boolean isOf(SocketAddress from, long time) {
    return from == sender && time == receivedAt;
  }

  /** Writes the header of a sender and a time. */
  void write(SocketAddress from, long time) {
    if (from != sender) {
      writeSender(from);
    }
    receivedAt = time;
    start = DIGITS_END;
    long left = time;
    do {
      bytes[--start] = (byte) ('0' + Math.abs(left % 10));
      left /= 10;
    } while (left != 0);
    if (time < 0) {
      bytes[--start] = '-';
    }
    bytes[--start] = BEGIN;
  }

  private void writeSender(SocketAddress from) {
    byte[] text = (",\"" + Addresses.toText(from) + "\",").getBytes(US_ASCII);
    end = DIGITS_END + text.length;
    if (end > bytes.length) {
      bytes = Arrays.copyOf(bytes, end);
    }
    System.arraycopy(text, 0, bytes, DIGITS_END, text.length);
    sender = from;
  }

  /** Appends the header that was written; returns where it begins. */
  int appendTo(Payload payload) {
    return payload.append(bytes, start, length());
  }

  int length() {
    return end - start;
  }

  /**
   * Returns how long the header of a line is.
   *
   * @param end where the line ends, without its check
   * @return 0 if it has none; less than 0 if it begins like one and is none, or {@link #END} is not
   *     there
   */
  public static int length(byte[] line, int offset, int end) {
    if (line[offset] != BEGIN) {
      return 0;
    }
    int comma = digitsEnd(line, offset + 1, end);
    if (comma < 0 || comma + 2 >= end || line[comma] != ',' || line[comma + 1] != QUOTE) {
      return -1;
    }
    int at = comma + 2;
    while (at < end
        && line[at] >= ' '
        && line[at] < 0x7f
        && line[at] != QUOTE
        && line[at] != '\\') {
      at++;
    }
    boolean isWhole =
        at > comma + 2
            && at + 2 < end - 1
            && line[at] == QUOTE
            && line[at + 1] == ','
            && line[at + 2] != BEGIN
            && line[end - 1] == END;
    return isWhole ? at + 2 - offset : -1;
  }

  /**
   * Returns where a number that fits a long ends; less than 0 if there is none, or it is not as it
   * was written.
   */
  private static int digitsEnd(byte[] line, int offset, int end) {
    int first = line[offset] == '-' ? offset + 1 : offset;
    int at = first;
    while (at < end && line[at] >= '0' && line[at] <= '9') {
      at++;
    }
    try {
      String digits = new String(line, offset, at - offset, US_ASCII);
      return String.valueOf(Long.parseLong(digits)).equals(digits) ? at : -1;
    } catch (NumberFormatException e) {
      return -1;
    }
  }

  /** Returns the time in a header. */
  public static long receivedAt(byte[] header, int offset) {
    long time = 0;
    boolean isNegative = header[offset + 1] == '-';
    for (int at = isNegative ? offset + 2 : offset + 1; header[at] != ','; at++) {
      int digit = header[at] - '0';
      time = time * 10 + (isNegative ? -digit : digit);
    }
    return time;
  }

  /** Returns where the text of the sender begins in a header. */
  static int senderOffset(byte[] header, int offset) {
    int at = offset + 1;
    while (header[at] != QUOTE) {
      at++;
    }
    return at + 1;
  }

  /** Returns how long the text of the sender is in a header of so many bytes. */
  static int senderLength(int offset, int length, int senderOffset) {
    return offset + length - 2 - senderOffset;
  }

  /** Returns the text of the sender in a header of so many bytes. */
  public static String sender(byte[] header, int offset, int length) {
    int from = senderOffset(header, offset);
    return new String(header, from, senderLength(offset, length, from), US_ASCII);
  }
}
