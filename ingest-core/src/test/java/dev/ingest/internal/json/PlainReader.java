package dev.ingest.internal.json;

import dev.ingest.record.Field;
import dev.ingest.record.Schema;
import java.io.Serial;
import java.math.BigDecimal;
import java.math.BigInteger;
import java.math.RoundingMode;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.time.DateTimeException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * Reads a datagram by the letter of RFC 8259 and of the schema's types: slowly, plainly, with
 * nothing but the JDK. What {@link JsonDecoder} must agree with.
 */
final class PlainReader {
  private enum Other {
    NULL
  }

  private record Numeral(String text) {}

  /** A value, and the text that it stands as. */
  private record Value(Object content, String text) {}

  /** The members of an object, each name's first one, and the names that come again. */
  private record Members(Map<String, Value> first, Set<String> twice) {}

  private final Schema schema;
  private final String text;
  private int at;
  private int depth;

  private PlainReader(Schema schema, String text) {
    this.schema = schema;
    this.text = text;
  }

  /** The values of each record, or nothing if the datagram is to be rejected. */
  static Optional<List<List<Object>>> read(Schema schema, byte[] datagram) {
    try {
      String text =
          StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(datagram)).toString();
      String trimmed = text.replaceFirst("[\\x00 \t\r\n]+\\z", "");
      return Optional.of(new PlainReader(schema, trimmed).datagram());
    } catch (CharacterCodingException | Refused e) {
      return Optional.empty();
    }
  }

  private List<List<Object>> datagram() throws Refused {
    List<List<Object>> records = new ArrayList<>();
    takes('\uFEFF');
    skipSpace();
    if (takes('[')) {
      depth++;
      do {
        skipSpace();
        records.add(record());
        skipSpace();
      } while (takes(','));
      expect(']');
      skipSpace();
      refuseIf(at < text.length());
      return records;
    }
    records.add(record());
    for (boolean newLine = skipSpace(); at < text.length(); newLine = skipSpace()) {
      refuseIf(!newLine);
      records.add(record());
    }
    return records;
  }

  private List<Object> record() throws Refused {
    refuseIf(peek() != '{');
    Value record = value();
    List<Object> row = new ArrayList<>();
    for (Field field : schema.fields()) {
      Value value = at(field.path(), record);
      Object cell = value == null ? null : typed(field, value);
      refuseIf(cell == null && !field.optional());
      row.add(cell);
    }
    return row;
  }

  /** The value that a path leads to; null if it leads to none. */
  private static Value at(List<String> path, Value record) throws Refused {
    Value value = record;
    for (String name : path) {
      if (value == null) {
        return null;
      }
      if (value.content instanceof Members members) {
        refuseIf(members.twice.contains(name));
        value = members.first.get(name);
      } else if (value.content instanceof List<?> elements && name.matches("0|[1-9][0-9]*")) {
        BigInteger index = new BigInteger(name);
        boolean isThere = index.compareTo(BigInteger.valueOf(elements.size())) < 0;
        value = isThere ? (Value) elements.get(index.intValue()) : null;
      } else {
        value = null;
      }
    }
    return value;
  }

  private static Object typed(Field field, Value whole) throws Refused {
    Object value = whole.content;
    if (value == Other.NULL) {
      return null;
    }
    try {
      switch (field.type()) {
        case INTEGER -> {
          if (value instanceof Numeral number) {
            return Long.valueOf(number.text);
          }
        }
        case REAL -> {
          if (value instanceof Numeral number && Double.isFinite(Double.parseDouble(number.text))) {
            return Double.valueOf(number.text);
          }
        }
        case TEXT -> {
          if (value instanceof String string) {
            refuseIf(!isUnicode(string));
            return string;
          }
        }
        case BOOLEAN -> {
          if (value instanceof Boolean) {
            return value;
          }
        }
        case TIMESTAMP -> {
          if (value instanceof Numeral number) {
            return nanos(number.text);
          }
          if (value instanceof String string) {
            return PlainTimes.nanos(string, field.zone());
          }
        }
        case JSON -> {
          return whole.text;
        }
      }
    } catch (ArithmeticException | DateTimeException | NumberFormatException e) {
      throw new Refused();
    }
    throw new Refused();
  }

  private static long nanos(String seconds) {
    double about = Math.abs(Double.parseDouble(seconds));
    if (about < 1e-10) {
      return 0;
    }
    if (about > 1e10) {
      throw new ArithmeticException("beyond any long, and maybe far too long for a BigDecimal");
    }
    return new BigDecimal(seconds)
        .movePointRight(9)
        .setScale(0, RoundingMode.HALF_UP)
        .longValueExact();
  }

  private Value value() throws Refused {
    int start = at;
    Object content =
        switch (peek()) {
          case '{' -> members();
          case '[' -> elements();
          case '"' -> string();
          case 't' -> literal("true", true);
          case 'f' -> literal("false", false);
          case 'n' -> literal("null", Other.NULL);
          default -> number();
        };
    return new Value(content, text.substring(start, at));
  }

  private Members members() throws Refused {
    Members members = new Members(new HashMap<>(), new HashSet<>());
    expect('{');
    refuseIf(++depth > RecordParsers.MAX_NESTING);
    skipSpace();
    if (!takes('}')) {
      do {
        skipSpace();
        String name = string();
        refuseIf(!isUnicode(name) || isTooLong(name));
        skipSpace();
        expect(':');
        skipSpace();
        if (members.first.putIfAbsent(name, value()) != null) {
          members.twice.add(name);
        }
        skipSpace();
      } while (takes(','));
      expect('}');
    }
    depth--;
    return members;
  }

  private List<Value> elements() throws Refused {
    List<Value> elements = new ArrayList<>();
    expect('[');
    refuseIf(++depth > RecordParsers.MAX_NESTING);
    skipSpace();
    if (!takes(']')) {
      do {
        skipSpace();
        elements.add(value());
        skipSpace();
      } while (takes(','));
      expect(']');
    }
    depth--;
    return elements;
  }

  private Object literal(String letters, Object value) throws Refused {
    refuseIf(!text.startsWith(letters, at));
    at += letters.length();
    return value;
  }

  private Numeral number() throws Refused {
    int start = at;
    takes('-');
    if (!takes('0')) {
      digits();
    }
    if (takes('.')) {
      digits();
    }
    if (takes('e') || takes('E')) {
      if (!takes('-')) {
        takes('+');
      }
      digits();
    }
    String numeral = text.substring(start, at);
    refuseIf(numeral.chars().filter(Character::isDigit).count() > RecordParsers.MAX_NUMBER_LENGTH);
    return new Numeral(numeral);
  }

  private void digits() throws Refused {
    int start = at;
    while (peek() >= '0' && peek() <= '9') {
      at++;
    }
    refuseIf(at == start);
  }

  private String string() throws Refused {
    expect('"');
    StringBuilder string = new StringBuilder();
    while (!takes('"')) {
      char c = peek();
      refuseIf(c < ' ');
      at++;
      string.append(c == '\\' ? escaped() : c);
    }
    return string.toString();
  }

  private char escaped() throws Refused {
    char c = peek();
    at++;
    return switch (c) {
      case '"', '\\', '/' -> c;
      case 'b' -> '\b';
      case 'f' -> '\f';
      case 'n' -> '\n';
      case 'r' -> '\r';
      case 't' -> '\t';
      case 'u' -> hexadecimal();
      default -> throw new Refused();
    };
  }

  private char hexadecimal() throws Refused {
    int code = 0;
    for (int i = 0; i < 4; i++) {
      char c = peek();
      refuseIf(c > 'f');
      code = code * 16 + Character.digit(c, 16);
      refuseIf(Character.digit(c, 16) < 0);
      at++;
    }
    return (char) code;
  }

  private boolean isTooLong(String name) {
    return schema.fields().stream().noneMatch(field -> field.path().contains(name))
        && name.getBytes(StandardCharsets.UTF_8).length > RecordParsers.MAX_NAME_BYTES;
  }

  /** Whether it has no unpaired surrogate: the grammar of JSON allows them, as escapes. */
  private static boolean isUnicode(String string) {
    return StandardCharsets.UTF_8.newEncoder().canEncode(string);
  }

  /** Says whether there was a newline in it. */
  private boolean skipSpace() {
    boolean newLine = false;
    while (peek() == ' ' || peek() == '\t' || peek() == '\n' || peek() == '\r') {
      newLine |= peek() == '\n' || peek() == '\r';
      at++;
    }
    return newLine;
  }

  /** The next character; at the end NUL, which JSON has nowhere. */
  private char peek() {
    return at < text.length() ? text.charAt(at) : '\0';
  }

  private boolean takes(char c) {
    if (peek() != c) {
      return false;
    }
    at++;
    return true;
  }

  private void expect(char c) throws Refused {
    refuseIf(!takes(c));
  }

  private static void refuseIf(boolean fault) throws Refused {
    if (fault) {
      throw new Refused();
    }
  }

  private static final class Refused extends Exception {
    @Serial private static final long serialVersionUID = 1;

    /** Most of what a fuzzer makes is refused: a stack trace each would take most of the time. */
    private Refused() {
      super("not a datagram", null, false, false);
    }
  }
}
