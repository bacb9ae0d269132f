package dev.ingest.internal.json;

import dev.ingest.internal.decode.RejectedException;
import dev.ingest.stats.RejectReason;
import java.util.regex.Pattern;
import tools.jackson.core.JacksonException;
import tools.jackson.core.JsonParser;
import tools.jackson.core.JsonToken;
import tools.jackson.core.exc.StreamConstraintsException;

/** The messages of rejections: what was found in a message and what was expected. */
final class Rejections {
  private static final Pattern CONTROL = Pattern.compile("\\p{Cc}");

  private Rejections() {}

  /** Returns the rejection of what Jackson did not accept. */
  static RejectedException malformed(
      JsonParser parser, JacksonException e, RejectReason otherwise) {
    if (e instanceof StreamConstraintsException) {
      return parser.streamReadContext().getNestingDepth() >= JsonDecoder.MAX_NESTING
          ? new RejectedException(
              RejectReason.NESTING_TOO_DEEP,
              "expected at most " + JsonDecoder.MAX_NESTING + " levels of nesting")
          : new RejectedException(
              RejectReason.NUMBER_OUT_OF_RANGE,
              "expected numbers of at most " + JsonDecoder.MAX_NUMBER_LENGTH + " digits");
    }
    String message = String.valueOf(e.getOriginalMessage());
    int source =
        message.indexOf(
            " (start marker at [Source:"); // Jackson's words for a place, of no use here
    return new RejectedException(
        otherwise, quote(source < 0 ? message : message.substring(0, source)));
  }

  /** Returns the name of the field that the parser is at. */
  static String name(JsonParser parser) {
    return "field '" + quote(String.valueOf(parser.currentName())) + "'";
  }

  /** Returns what a token begins. */
  static String describe(JsonToken token) {
    return switch (token) {
      case START_OBJECT -> "an object";
      case START_ARRAY -> "an array";
      case VALUE_STRING -> "a string";
      case VALUE_NUMBER_INT -> "an integer";
      case VALUE_NUMBER_FLOAT -> "a number with a fraction";
      case VALUE_TRUE, VALUE_FALSE -> "a truth value";
      default -> "null";
    };
  }

  /** Returns what a sender wrote as a log line can show it: short, without control characters. */
  static String quote(String text) {
    String line = CONTROL.matcher(text).replaceAll("?");
    return line.length() <= 120 ? line : line.substring(0, 120) + "...";
  }
}
