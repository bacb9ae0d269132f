package dev.ingest.testkit;

import dev.ingest.record.Field;
import dev.ingest.record.FieldType;
import dev.ingest.record.Schema;
import java.math.BigDecimal;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.List;
import java.util.StringJoiner;
import org.jspecify.annotations.Nullable;

/**
 * The records of the contract. A record's id alone decides its values. Of the optional fields the
 * first record of each eight has no null, each of the next six a null in one field, and the last
 * only nulls. Before {@link #FIRST_EXTREME} no two records have a number, text, time or document in
 * common, so that none passes for another; from there on the values are those of {@link
 * ContractValues}.
 */
final class ContractRecords {
  static final Schema SCHEMA =
      Schema.builder("contract")
          .integer("id")
          .integer("total")
          .real("reading")
          .text("label")
          .bool("active")
          .timestamp("measured_at")
          .epoch(ChronoUnit.NANOS)
          .json("document")
          .integer("maybe_total")
          .optional()
          .real("maybe_reading")
          .optional()
          .text("maybe_label")
          .optional()
          .bool("maybe_active")
          .optional()
          .timestamp("maybe_measured_at")
          .epoch(ChronoUnit.NANOS)
          .optional()
          .json("maybe_document")
          .optional()
          .build();

  /** From this record to the last one, each field has each value of its type. */
  static final long FIRST_EXTREME = 10_000;

  static final long LAST_EXTREME = 10_399;

  /** The label of this record has a NUL. */
  static final long WITH_NUL = 1_000_001;

  /** The label of this record is longer than what a page or a buffer of a store holds. */
  static final long LONG = 1_000_002;

  private static final long SECOND = 1_000_000_000;
  private static final int LABEL = 3;
  private static final int FIRST_OPTIONAL = 7;
  private static final int PATTERNS = 8;

  private ContractRecords() {}

  static List<@Nullable Object> row(long id) {
    List<@Nullable Object> row = new ArrayList<>();
    for (int column = 0; column < SCHEMA.fields().size(); column++) {
      row.add(value(id, column));
    }
    return row;
  }

  /** Returns a value as {@link SinkContract#storedRows} describes it. */
  static @Nullable Object value(long id, int column) {
    if (column == 0) {
      return id;
    }
    if (column == LABEL && id == WITH_NUL) {
      return "a\0b";
    }
    if (column == LABEL && id == LONG) {
      return "0123456789\u00e9\ud83d\ude00".repeat(3_000);
    }
    return column >= FIRST_OPTIONAL && isNull(id, column - FIRST_OPTIONAL)
        ? null
        : valueOf(id, column);
  }

  private static boolean isNull(long id, int optional) {
    long pattern = id % PATTERNS;
    return pattern == optional + 1 || pattern == PATTERNS - 1;
  }

  private static Object valueOf(long id, int column) {
    FieldType type = SCHEMA.fields().get(column).type();
    if (id < FIRST_EXTREME) {
      return ContractValues.plain(type, 100 * id + column);
    }
    List<?> values = ContractValues.extreme(type);
    long turn = column < FIRST_OPTIONAL ? id : id / PATTERNS;
    return values.get((int) (turn % values.size()));
  }

  /** Returns the record as a device sends it: nulls are left out, or written. */
  static String json(long id) {
    StringJoiner members = new StringJoiner(", ", "{", "}");
    for (int column = 0; column < SCHEMA.fields().size(); column++) {
      Field field = SCHEMA.fields().get(column);
      Object value = value(id, column);
      if (value != null || id % 2 == 0) {
        members.add(quoted(field.name()) + ":" + json(field.type(), value));
      }
    }
    return members.toString();
  }

  private static String json(FieldType type, @Nullable Object value) {
    if (value == null) {
      return "null";
    }
    return switch (type) {
      case TEXT -> quoted((String) value);
      case TIMESTAMP -> Long.toString(nanos((Instant) value));
      default -> value.toString();
    };
  }

  static long nanos(Instant time) {
    long seconds = time.getEpochSecond();
    return seconds < 0 // what the JDK does for this overflows at the lower end
        ? (seconds + 1) * SECOND + (time.getNano() - SECOND)
        : seconds * SECOND + time.getNano();
  }

  /** Returns the double nearest to a time in seconds. */
  static double seconds(Instant time) {
    return BigDecimal.valueOf(nanos(time), 9).doubleValue();
  }

  private static String quoted(String text) {
    StringBuilder json = new StringBuilder("\"");
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      if (c < ' ') {
        json.append("\\u%04x".formatted((int) c));
      } else if (c == '"' || c == '\\') {
        json.append('\\').append(c);
      } else {
        json.append(c);
      }
    }
    return json.append('"').toString();
  }
}
