package dev.ingest.internal.deadletter;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.ingest.internal.json.JsonLine;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.Arrays;
import java.util.Base64;

/**
 * The text of a dead letter. A letter of which the payload was cut tells in {@code bytes} how long
 * that was. If the schema keeps when records arrive, {@code receivedAt} tells that; and if the
 * sender is known of what was read back from the spool, {@code readFrom} tells from which line.
 */
final class LetterLine {
  /** How much of a rejected message is kept, in bytes. */
  static final int REJECTED_BYTES = 1 << 10;

  /** How much of the detail is kept, in characters: a sink's exception may be of any length. */
  private static final int DETAIL_CHARS = 1 << 12;

  private static final byte[] TIME = "{\"time\":\"".getBytes(UTF_8);
  private static final byte[] SOURCE = "\",\"source\":\"".getBytes(UTF_8);
  private static final byte[] SPOOL = "spool".getBytes(UTF_8);
  private static final byte[] REASON = "\",\"reason\":\"".getBytes(UTF_8);
  private static final byte[] REFUSED = (DeadLetter.REFUSED + "\"").getBytes(UTF_8);

  /** How much of a line is enough to tell. */
  static final int HEAD_BYTES = 512;

  private LetterLine() {}

  /** Returns the line of a record's letter. */
  static byte[] whole(DeadLetter letter) {
    return head(letter, letter.payload().duplicate()).toBytes();
  }

  /** Returns the line of a rejected message's letter. */
  static byte[] cut(DeadLetter letter) {
    ByteBuffer payload = letter.payload().duplicate();
    int length = payload.remaining();
    if (length <= REJECTED_BYTES) {
      return head(letter, payload).toBytes();
    }
    payload.limit(payload.position() + REJECTED_BYTES);
    ByteBuffer characters = payload.duplicate();
    // Not in the middle of a character: at most 3 bytes of it are before the end.
    for (int i = 0; i < 3 && isContinuation(letter.payload().get(characters.limit())); i++) {
      characters.limit(characters.limit() - 1);
    }
    return head(letter, isUtf8(characters) ? characters : payload).with("bytes", length).toBytes();
  }

  private static boolean isContinuation(byte b) {
    return (b & 0xc0) == 0x80;
  }

  private static boolean isUtf8(ByteBuffer bytes) {
    try {
      UTF_8.newDecoder().decode(bytes.duplicate());
      return true;
    } catch (CharacterCodingException e) {
      return false;
    }
  }

  private static JsonLine head(DeadLetter letter, ByteBuffer payload) {
    JsonLine line =
        new JsonLine().with("time", Instant.now().toString()).with("source", letter.source());
    if (letter.readFrom() != null) {
      line.with("readFrom", letter.readFrom());
    }
    line.with("reason", letter.reason());
    letter.receivedAt().ifPresent(nanos -> line.with("receivedAt", instant(nanos).toString()));
    line.with("detail", cutDetail(letter.detail()));
    try {
      return line.with("payload", UTF_8.newDecoder().decode(payload.duplicate()).toString());
    } catch (CharacterCodingException e) {
      return line.with(
          "payloadBase64", UTF_8.decode(Base64.getEncoder().encode(payload)).toString());
    }
  }

  private static Instant instant(long nanos) {
    return Instant.EPOCH.plus(nanos, ChronoUnit.NANOS);
  }

  private static String cutDetail(String detail) {
    return detail.length() <= DETAIL_CHARS
        ? detail
        : detail.substring(0, DETAIL_CHARS) + "... (of " + detail.length() + " characters)";
  }

  /**
   * Tells whether a line is the letter of a rejected message, by its first bytes: it has another
   * reason than a refused record, and was not read back from the spool, so that its source is no
   * line of the spool, and the reason follows the source.
   */
  static boolean isRejected(byte[] head, int length) {
    int source = after(SOURCE, head, after(TIME, head, 0, length), length);
    int reason = after(REASON, head, source, length);
    return reason >= 0
        && !isAt(SPOOL, head, source, length)
        && !isAt(REFUSED, head, reason, length);
  }

  /**
   * Returns where what follows a text begins, which is at an offset or ends the string there; -1 if
   * there is no such text.
   */
  private static int after(byte[] text, byte[] head, int from, int length) {
    int at = from;
    while (at > 0 && at < length && head[at] != '"') {
      at += head[at] == '\\' ? 2 : 1;
    }
    return at >= 0 && isAt(text, head, at, length) ? at + text.length : -1;
  }

  private static boolean isAt(byte[] text, byte[] head, int at, int length) {
    return at + text.length <= length
        && Arrays.equals(text, 0, text.length, head, at, at + text.length);
  }
}
