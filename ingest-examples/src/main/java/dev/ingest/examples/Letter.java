package dev.ingest.examples;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.time.DateTimeException;
import java.time.Instant;
import java.util.Base64;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.core.JsonParser;
import tools.jackson.core.JsonToken;
import tools.jackson.core.ObjectReadContext;
import tools.jackson.core.json.JsonFactory;

/**
 * A dead letter, as the README describes its line.
 *
 * @param time when it was written
 * @param source the sender, or the line of the spool from which it was read back
 * @param receivedAt when it arrived; null if that was not kept
 * @param payload what came, or the beginning of it
 * @param bytes how long that was, which is more than the payload if that was cut
 */
@SuppressWarnings("ArrayRecordComponent") // nobody compares letters
record Letter(
    Instant time,
    String source,
    String reason,
    @Nullable Instant receivedAt,
    String detail,
    byte[] payload,
    long bytes) {
  private static final JsonFactory JSON = new JsonFactory();

  /** What may stand as the sender on a line of a spool. */
  private static final Pattern SENDER = Pattern.compile("[ -~&&[^\"\\\\]]+");

  /** A server passes over it at the beginning of a message. */
  private static final String BYTE_ORDER_MARK = "\ufeff";

  private static final List<String> NEEDED = List.of("time", "source", "reason", "detail");

  /** Reads a line; empty if it is no letter, such as one that is not written to its end. */
  static Optional<Letter> parse(byte[] line) {
    try (JsonParser parser = parser(text(line))) {
      Map<String, String> members = new HashMap<>();
      if (parser.nextToken() != JsonToken.START_OBJECT) {
        return Optional.empty();
      }
      while (parser.nextToken() == JsonToken.PROPERTY_NAME) {
        String name = parser.currentName();
        parser.nextToken();
        members.put(name, parser.getString());
        parser.skipChildren();
      }
      return of(members);
    } catch (JacksonException
        | CharacterCodingException
        | IllegalArgumentException
        | DateTimeException
        | ArithmeticException e) {
      return Optional.empty();
    }
  }

  /** Returns text as a server reads it: it is UTF-8, and Jackson is not to find anything else. */
  private static String text(byte[] utf8) throws CharacterCodingException {
    return UTF_8.newDecoder().decode(ByteBuffer.wrap(utf8)).toString();
  }

  private static JsonParser parser(String text) {
    return JSON.createParser(ObjectReadContext.empty(), text);
  }

  private static Optional<Letter> of(Map<String, String> members) {
    @Nullable String text = members.get("payload");
    @Nullable String base64 = members.get("payloadBase64");
    if (!members.keySet().containsAll(NEEDED) || (text == null) == (base64 == null)) {
      return Optional.empty();
    }
    byte[] payload = text != null ? text.getBytes(UTF_8) : Base64.getDecoder().decode(base64);
    @Nullable String receivedAt = members.get("receivedAt");
    if (receivedAt != null && !SENDER.matcher(members.getOrDefault("source", "")).matches()) {
      return Optional.empty();
    }
    @Nullable Instant arrival = receivedAt == null ? null : Instant.parse(receivedAt);
    if (arrival != null) {
      nanos(arrival); // which fails of what a spool cannot hold
    }
    return Optional.of(
        new Letter(
            Instant.parse(members.get("time")),
            members.getOrDefault("source", ""),
            members.getOrDefault("reason", ""),
            arrival,
            members.getOrDefault("detail", ""),
            payload,
            Long.parseLong(members.getOrDefault("bytes", String.valueOf(payload.length)))));
  }

  private static long nanos(Instant instant) {
    return Math.addExact(
        Math.multiplyExact(instant.getEpochSecond(), 1_000_000_000L), instant.getNano());
  }

  /** Tells whether only the beginning of what came was kept. */
  boolean isCut() {
    return bytes > payload.length;
  }

  /** Returns when it arrived, as far as that is known. */
  Instant arrival() {
    return receivedAt == null ? time : receivedAt;
  }

  /**
   * Returns the lines of a spool for its records. A message of several records, on lines or in an
   * array, has a line for each; what is no such message has one, and the server says what is wrong
   * with it.
   */
  Stream<byte[]> spoolLines() {
    return records().map(this::withArrival);
  }

  private byte[] withArrival(byte[] json) {
    ByteArrayOutputStream line = new ByteArrayOutputStream(json.length + 64);
    if (receivedAt != null) {
      line.writeBytes(("[" + nanos(receivedAt) + ",\"" + source + "\",").getBytes(UTF_8));
    }
    if (receivedAt == null && looksLikeArrival(json)) {
      line.write(' '); // or a sender could make up when a line came and who sent it
    }
    for (byte b : json) {
      line.write(b == '\n' ? ' ' : b); // as the spool itself does: it means the same in JSON
    }
    if (receivedAt != null) {
      line.write(']');
    }
    return line.toByteArray();
  }

  private static boolean looksLikeArrival(byte[] json) {
    return json.length > 1 && json[0] == '[' && (json[1] == '-' || Character.isDigit(json[1]));
  }

  private Stream<byte[]> records() {
    try {
      String text = text(payload);
      return records(text.startsWith(BYTE_ORDER_MARK) ? text.substring(1) : text);
    } catch (JacksonException | CharacterCodingException e) {
      return Stream.of(payload);
    }
  }

  private Stream<byte[]> records(String text) {
    try (JsonParser parser = parser(text)) {
      JsonToken first = parser.nextToken();
      boolean isArray = first == JsonToken.START_ARRAY;
      Stream.Builder<byte[]> records = Stream.builder();
      int end = 0;
      for (JsonToken next = isArray ? parser.nextToken() : first;
          next == JsonToken.START_OBJECT;
          next = parser.nextToken()) {
        int start = (int) parser.currentTokenLocation().getCharOffset();
        if (!isArray && end > 0 && text.substring(end, start).indexOf('\n') < 0) {
          return Stream.of(payload);
        }
        parser.skipChildren();
        end = (int) parser.currentLocation().getCharOffset();
        records.add(text.substring(start, end).getBytes(UTF_8));
      }
      boolean isWhole =
          isArray ? parser.currentToken() == JsonToken.END_ARRAY : parser.currentToken() == null;
      return isWhole && parser.nextToken() == null ? records.build() : Stream.of(payload);
    }
  }
}
