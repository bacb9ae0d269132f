package dev.ingest.internal.json;

import dev.ingest.internal.decode.RejectedException;
import dev.ingest.internal.log.Unprintable;
import dev.ingest.record.Field;
import dev.ingest.stats.RejectReason;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.core.JsonParser;
import tools.jackson.core.JsonToken;
import tools.jackson.core.exc.StreamConstraintsException;

/** The messages of rejections: what was found in a message and what was expected. */
final class Rejections {
  /** How much is shown of what a sender wrote, in characters. */
  private static final int SHOWN = 120;

  /** How long a character is that is escaped. */
  private static final int ESCAPE_WIDTH = 6;

  private static final String BEGINS_JSON = "{[\"-0123456789tfn";

  private static final @Nullable RejectedException[] BEGINNINGS = beginnings();

  /** As long as a record with one field, such as {@code {"a":1}}. */
  private static final int SHORTEST_RECORD = 7;

  @SuppressWarnings("StaticAssignmentOfThrowable") // it has no stack trace
  private static final RejectedException CUT_OFF =
      new RejectedException(
          RejectReason.MALFORMED_JSON, "Unexpected end-of-input: expected the end of an object");

  private Rejections() {}

  /** Returns the rejection of what Jackson did not accept. */
  static RejectedException malformed(
      JsonParser parser, JacksonException e, RejectReason otherwise) {
    String message = String.valueOf(e.getOriginalMessage());
    if (e instanceof StreamConstraintsException) {
      return beyondBounds(parser, message);
    }
    return new RejectedException(otherwise, quote(withoutAdvice(message)));
  }

  /** Leaves out what Jackson advises about its own settings, which are not the sender's. */
  private static String withoutAdvice(String message) {
    int named = message.indexOf("JsonReadFeature");
    int setting = named >= 0 ? named : message.indexOf("Feature '");
    int end = setting < 0 ? -1 : message.lastIndexOf(": ", setting);
    return end < 0 ? message : message.substring(0, end);
  }

  /**
   * Returns the rejection of a message that at first sight is no JSON at all: it begins with
   * another character, or has a few bytes of an object without an end. Null if it may be JSON. Made
   * once, since a line of two bytes must not cost what a parser and an exception do.
   */
  static @Nullable RejectedException atFirstSight(byte[] bytes, int start, int end) {
    if (start == end || bytes[start] < 0) {
      return null;
    }
    return bytes[start] == '{' && end - start < SHORTEST_RECORD && !hasEnd(bytes, start, end)
        ? CUT_OFF
        : BEGINNINGS[bytes[start]];
  }

  private static boolean hasEnd(byte[] bytes, int start, int end) {
    for (int i = start; i < end; i++) {
      if (bytes[i] == '}') {
        return true;
      }
    }
    return false;
  }

  private static @Nullable RejectedException[] beginnings() {
    RejectedException[] rejections = new RejectedException[Byte.MAX_VALUE + 1];
    for (char c = '!'; c < rejections.length; c++) {
      if (BEGINS_JSON.indexOf(c) < 0) {
        rejections[c] =
            new RejectedException(
                RejectReason.MALFORMED_JSON,
                "no JSON begins with '" + quote("" + c) + "': expected an object or an array");
      }
    }
    return rejections;
  }

  private static RejectedException beyondBounds(JsonParser parser, String message) {
    if (message.startsWith("Name ")) {
      return new RejectedException(
          RejectReason.NAME_TOO_LONG,
          "the name of a field is longer than "
              + parser.streamReadConstraints().getMaxNameLength()
              + " bytes: expected a shorter one");
    }
    return message.startsWith("Number ")
        ? new RejectedException(
            RejectReason.NUMBER_OUT_OF_RANGE,
            "expected numbers of at most " + RecordParsers.MAX_NUMBER_LENGTH + " digits")
        : new RejectedException(
            RejectReason.NESTING_TOO_DEEP,
            "expected at most " + RecordParsers.MAX_NESTING + " levels of nesting");
  }

  /** Returns the rejection of a message, with what the message is if it is not JSON at all. */
  static RejectedException withFormat(RejectedException e, byte[] bytes, int offset, int length) {
    if (e.reason() != RejectReason.MALFORMED_JSON && e.reason() != RejectReason.BAD_UTF8) {
      return e;
    }
    Optional<String> format = KnownFormats.describe(bytes, offset, length);
    return format.isEmpty()
        ? e
        : new RejectedException(e.reason(), format.get() + " (" + e.detail() + ")");
  }

  /** Returns the rejection of a value that is none of the field's. */
  static RejectedException wrongType(
      JsonParser parser, JsonToken token, Field field, String expected) {
    String value =
        switch (token) {
          case VALUE_STRING -> " ('" + quote(parser.getString()) + "')";
          case VALUE_NUMBER_INT, VALUE_NUMBER_FLOAT -> " (" + quote(parser.getString()) + ")";
          default -> "";
        };
    return new RejectedException(
        RejectReason.WRONG_TYPE,
        name(field) + " is " + describe(token) + value + ": expected " + expected);
  }

  /** Returns the rejection of a number that the field cannot hold. */
  static RejectedException outOfRange(JsonParser parser, Field field, String expected) {
    return new RejectedException(
        RejectReason.NUMBER_OUT_OF_RANGE,
        name(field) + " is " + quote(parser.getString()) + ": expected " + expected);
  }

  /** Returns the name of a field, as messages give it. */
  static String name(Field field) {
    return "field '" + quote(field.name()) + "'";
  }

  /** Returns what a token begins. */
  static String describe(JsonToken token) {
    return switch (token) {
      case START_OBJECT -> "an object";
      case START_ARRAY -> "an array";
      case VALUE_STRING -> "a string";
      case VALUE_NUMBER_INT -> "an integer";
      case VALUE_NUMBER_FLOAT -> "a number with a fraction or an exponent";
      case VALUE_TRUE, VALUE_FALSE -> "a truth value";
      default -> "null";
    };
  }

  /** Returns what a sender wrote as a log line can show it: the beginning, on one line. */
  static String quote(String text) {
    int end = 0;
    for (int width = 0; end < text.length(); end++) {
      width += Unprintable.is(text.charAt(end)) ? ESCAPE_WIDTH : 1;
      if (width > SHOWN) {
        int cut = Character.isLowSurrogate(text.charAt(end)) ? end - 1 : end;
        return Unprintable.escape(text.substring(0, Math.max(0, cut))) + "...";
      }
    }
    return Unprintable.escape(text);
  }
}
