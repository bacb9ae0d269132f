package dev.ingest.internal.json;

import dev.ingest.record.Field;
import dev.ingest.record.Schema;
import java.io.Serial;
import java.math.BigDecimal;
import java.math.RoundingMode;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.time.DateTimeException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;

/**
 * Reads a datagram by the letter of RFC 8259 and of the schema's types: slowly, plainly, with
 * nothing but the JDK. What {@link JsonDecoder} must agree with.
 */
final class PlainReader {
  private enum Other {
    NULL,
    OBJECT_OR_ARRAY
  }

  private record Numeral(String text) {}

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
      return Optional.of(new PlainReader(schema, text).datagram());
    } catch (CharacterCodingException | Refused e) {
      return Optional.empty();
    }
  }

  private List<List<Object>> datagram() throws Refused {
    List<List<Object>> records = new ArrayList<>();
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
    List<Field> fields = schema.fields();
    Object[] values = new Object[fields.size()];
    boolean[] seen = new boolean[values.length];
    List<String> names = fields.stream().map(Field::name).toList();
    refuseIf(peek() != '{');
    members(
        name -> {
          int column = names.indexOf(name);
          Object value = value();
          if (column >= 0) {
            refuseIf(seen[column]);
            seen[column] = true;
            values[column] = typed(fields.get(column), value);
          }
        });
    for (int column = 0; column < values.length; column++) {
      refuseIf(values[column] == null && !fields.get(column).optional());
    }
    return Arrays.asList(values);
  }

  private static Object typed(Field field, Object value) throws Refused {
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
        case JSON -> throw new AssertionError("not in the schema of the test");
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

  private Object value() throws Refused {
    switch (peek()) {
      case '{' -> members(name -> value());
      case '[' -> elements();
      case '"' -> {
        return string();
      }
      case 't' -> {
        return literal("true", true);
      }
      case 'f' -> {
        return literal("false", false);
      }
      case 'n' -> {
        return literal("null", Other.NULL);
      }
      default -> {
        return number();
      }
    }
    return Other.OBJECT_OR_ARRAY;
  }

  private interface Member {
    void read(String name) throws Refused;
  }

  private void members(Member member) throws Refused {
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
        member.read(name);
        skipSpace();
      } while (takes(','));
      expect('}');
    }
    depth--;
  }

  private void elements() throws Refused {
    expect('[');
    refuseIf(++depth > RecordParsers.MAX_NESTING);
    skipSpace();
    if (!takes(']')) {
      do {
        skipSpace();
        value();
        skipSpace();
      } while (takes(','));
      expect(']');
    }
    depth--;
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
    return schema.fields().stream().noneMatch(field -> field.name().equals(name))
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
