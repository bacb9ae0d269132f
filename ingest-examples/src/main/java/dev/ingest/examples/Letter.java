package dev.ingest.examples;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.ByteArrayOutputStream;
import java.time.Instant;
import java.time.format.DateTimeParseException;
import java.util.Arrays;
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

  private static final List<String> NEEDED = List.of("time", "source", "reason", "detail");

  /** Reads a line; empty if it is no letter, such as one that is not written to its end. */
  static Optional<Letter> parse(byte[] line) {
    try (JsonParser parser = JSON.createParser(ObjectReadContext.empty(), line)) {
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
    } catch (JacksonException | IllegalArgumentException | DateTimeParseException e) {
      return Optional.empty();
    }
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
    return Optional.of(
        new Letter(
            Instant.parse(members.get("time")),
            members.getOrDefault("source", ""),
            members.getOrDefault("reason", ""),
            receivedAt == null ? null : Instant.parse(receivedAt),
            members.getOrDefault("detail", ""),
            payload,
            Long.parseLong(members.getOrDefault("bytes", String.valueOf(payload.length)))));
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
      long nanos =
          Math.addExact(
              Math.multiplyExact(receivedAt.getEpochSecond(), 1_000_000_000L),
              receivedAt.getNano());
      line.writeBytes(("[" + nanos + ",\"" + source + "\",").getBytes(UTF_8));
    }
    for (byte b : json) {
      line.write(b == '\n' ? ' ' : b); // as the spool itself does: it means the same in JSON
    }
    if (receivedAt != null) {
      line.write(']');
    }
    return line.toByteArray();
  }

  private Stream<byte[]> records() {
    try (JsonParser parser = JSON.createParser(ObjectReadContext.empty(), payload)) {
      JsonToken first = parser.nextToken();
      boolean isArray = first == JsonToken.START_ARRAY;
      Stream.Builder<byte[]> records = Stream.builder();
      int end = 0;
      for (JsonToken next = isArray ? parser.nextToken() : first;
          next == JsonToken.START_OBJECT;
          next = parser.nextToken()) {
        int start = (int) parser.currentTokenLocation().getByteOffset();
        if (!isArray && end > 0 && !hasNewline(end, start)) {
          return Stream.of(payload);
        }
        parser.skipChildren();
        end = (int) parser.currentLocation().getByteOffset();
        records.add(Arrays.copyOfRange(payload, start, end));
      }
      boolean isWhole =
          isArray ? parser.currentToken() == JsonToken.END_ARRAY : parser.currentToken() == null;
      return isWhole && parser.nextToken() == null ? records.build() : Stream.of(payload);
    } catch (JacksonException e) {
      return Stream.of(payload);
    }
  }

  private boolean hasNewline(int from, int to) {
    return new String(payload, from, to - from, UTF_8).indexOf('\n') >= 0;
  }
}
