package dev.ingest.internal.json;

import dev.ingest.internal.decode.Decoder;
import dev.ingest.internal.decode.RowWriter;
import dev.ingest.record.Field;
import dev.ingest.record.FieldType;
import dev.ingest.record.Schema;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/**
 * Decodes plain records where their bytes lie, in one pass made for the schema. A plain record is
 * one object that has the members of the schema in its order and no others; names are written as in
 * the schema, numbers without exponent and with up to 19 digits. Devices that are programmed for a
 * server send such records.
 *
 * <p>It never judges: whatever is not plain, it leaves to Jackson's parser, be it right or wrong.
 */
final class PlainRecords {
  /** What is not plain. */
  private static final int NOT_PLAIN = Decimals.NOT_PLAIN;

  /** More characters than a plain date and time has. */
  private static final int LONGEST_TIME = 40;

  private static final byte[] TRUE = ascii("true");
  private static final byte[] FALSE = ascii("false");
  private static final byte[] NULL = ascii("null");

  /**
   * The columns of the schema that records have, and for each the name in quotes and what it is.
   */
  private final int[] columns;

  private final byte[][] names;
  private final FieldType[] types;
  private final boolean[] optional;
  private final boolean[] nullable;
  private final Timestamps[] timestamps;

  private final Decimals decimals = new Decimals();
  private final PlainStrings strings = new PlainStrings();
  private final char[] time = new char[LONGEST_TIME];

  private PlainRecords(List<Field> fields, int[] columns) {
    this.columns = columns;
    int count = columns.length;
    names = new byte[count][];
    types = new FieldType[count];
    optional = new boolean[count];
    nullable = new boolean[count];
    timestamps = new Timestamps[count];
    for (int i = 0; i < count; i++) {
      Field field = fields.get(columns[i]);
      names[i] = ascii('"' + field.path().get(0) + '"');
      types[i] = field.type();
      optional[i] = field.optional();
      nullable[i] = field.optional() && !field.lenient();
      timestamps[i] = new Timestamps(field, columns[i]);
    }
  }

  /** Returns a decoder for a schema; null if no record of it is plain. */
  static @Nullable PlainRecords of(Schema schema) {
    List<Field> fields = schema.fields();
    int[] columns =
        IntStream.range(0, fields.size())
            .filter(column -> fields.get(column).origin() == Field.Origin.RECORD)
            .toArray();
    Set<String> names = new HashSet<>();
    for (int column : columns) {
      Field field = fields.get(column);
      if (field.path().size() != 1
          || field.type() == FieldType.JSON
          || !isPlainName(field.path().get(0))
          || !names.add(field.path().get(0))) {
        return null;
      }
    }
    return new PlainRecords(fields, columns);
  }

  private static boolean isPlainName(String name) {
    return name.chars().allMatch(c -> c >= ' ' && c < 0x7f && c != '"' && c != '\\');
  }

  private static byte[] ascii(String text) {
    return text.getBytes(StandardCharsets.US_ASCII);
  }

  /**
   * Adds the row of a message that is a plain record, with nothing around it but white space behind
   * it.
   *
   * @param start where it begins
   * @param end where it ends, and where a byte stands that cannot go on with it, such as a newline
   * @return false if it is not plain; then nothing is added
   */
  boolean decode(RowWriter rows, int start, int end) {
    byte[] bytes = rows.payload();
    rows.addRow();
    int after = bytes[start] == '{' ? members(bytes, start + 1, end, rows) : NOT_PLAIN;
    if (after == NOT_PLAIN
        || after - start > Decoder.MAX_RECORD_BYTES
        || WhiteSpace.skip(bytes, after, end) < end) {
      rows.removeRow();
      return false;
    }
    rows.setPayload(rows.uncommitted() - 1, start, after - start);
    return true;
  }

  /** Reads all members; returns where the object ends. */
  private int members(byte[] bytes, int from, int end, RowWriter rows) {
    int at = WhiteSpace.skip(bytes, from, end);
    for (int next = 0; next < names.length; next++) {
      byte[] name = names[next];
      int nameEnd = at + name.length;
      if (nameEnd > end || !Arrays.equals(bytes, at, nameEnd, name, 0, name.length)) {
        if (!optional[next]) {
          return NOT_PLAIN;
        }
        continue;
      }
      at = WhiteSpace.skip(bytes, nameEnd, end);
      if (bytes[at] != ':') {
        return NOT_PLAIN;
      }
      at = value(next, bytes, WhiteSpace.skip(bytes, at + 1, end), end, rows);
      if (at == NOT_PLAIN) {
        return NOT_PLAIN;
      }
      at = WhiteSpace.skip(bytes, at, end);
      if (bytes[at] == '}') {
        return isRestOptional(next + 1) ? at + 1 : NOT_PLAIN;
      }
      if (bytes[at] != ',') {
        return NOT_PLAIN;
      }
      at = WhiteSpace.skip(bytes, at + 1, end);
    }
    return NOT_PLAIN; // no members at all, or others than in the schema
  }

  private boolean isRestOptional(int from) {
    for (int i = from; i < optional.length; i++) {
      if (!optional[i]) {
        return false;
      }
    }
    return true;
  }

  /** Reads a value into its cell; returns where it ends. */
  private int value(int index, byte[] bytes, int at, int end, RowWriter rows) {
    if (bytes[at] == 'n' && nullable[index]) {
      return word(NULL, bytes, at, end);
    }
    return switch (types[index]) {
      case REAL -> real(index, bytes, at, rows);
      case INTEGER -> integer(index, bytes, at, rows);
      case TIMESTAMP -> timestamp(index, bytes, at, end, rows);
      case TEXT -> text(index, bytes, at, end, rows);
      case BOOLEAN -> bool(index, bytes, at, end, rows);
      case JSON -> NOT_PLAIN;
    };
  }

  private int real(int index, byte[] bytes, int at, RowWriter rows) {
    int after = decimals.scan(bytes, at);
    double value = after == NOT_PLAIN ? Double.NaN : decimals.scannedDouble();
    if (Double.isNaN(value)) {
      return NOT_PLAIN;
    }
    rows.setDouble(columns[index], value);
    return after;
  }

  private int integer(int index, byte[] bytes, int at, RowWriter rows) {
    int after = decimals.scan(bytes, at);
    if (after == NOT_PLAIN || decimals.hasFraction() || !decimals.takeScanned(0)) {
      return NOT_PLAIN;
    }
    rows.setLong(columns[index], decimals.value());
    return after;
  }

  private int timestamp(int index, byte[] bytes, int at, int end, RowWriter rows) {
    if (bytes[at] != '"') {
      int after = decimals.scan(bytes, at);
      return after != NOT_PLAIN && timestamps[index].takeScanned(decimals, rows)
          ? after
          : NOT_PLAIN;
    }
    int length = 0;
    for (int i = at + 1; i < end && length < LONGEST_TIME; i++) {
      byte c = bytes[i];
      if (c == '"') {
        return timestamps[index].takePlain(time, length, rows) ? i + 1 : NOT_PLAIN;
      }
      if (c < ' ' || c == '\\') {
        return NOT_PLAIN;
      }
      time[length++] = (char) c;
    }
    return NOT_PLAIN;
  }

  private int text(int index, byte[] bytes, int at, int end, RowWriter rows) {
    if (bytes[at] != '"') {
      return NOT_PLAIN;
    }
    int after = strings.read(bytes, at + 1, end);
    if (after != NOT_PLAIN) {
      rows.setText(columns[index], strings.bytes(), strings.offset(), strings.length());
    }
    return after;
  }

  private int bool(int index, byte[] bytes, int at, int end, RowWriter rows) {
    boolean value = bytes[at] == 't';
    int after = word(value ? TRUE : FALSE, bytes, at, end);
    if (after != NOT_PLAIN) {
      rows.setLong(columns[index], value ? 1 : 0);
    }
    return after;
  }

  private static int word(byte[] word, byte[] bytes, int at, int end) {
    int after = at + word.length;
    return after <= end && Arrays.equals(bytes, at, after, word, 0, word.length)
        ? after
        : NOT_PLAIN;
  }
}
