package dev.ingest.internal.json;

import dev.ingest.record.Field;
import dev.ingest.record.Schema;
import java.time.temporal.ChronoUnit;
import tools.jackson.core.io.JsonStringEncoder;

/** Makes up records of a schema, as devices might send them. */
public final class MadeUpRecord {
  /** A longer array is made up as an object, whose members have the indices as names. */
  private static final int MOST_ELEMENTS = 64;

  private MadeUpRecord() {}

  /** Returns a record that has all fields, unless their paths contradict one another. */
  public static String of(Schema schema) {
    StringBuilder text = new StringBuilder();
    append(text, PathNode.of(RecordParsers.of(schema), schema), schema);
    return text.toString();
  }

  /** Returns a record with a member more, if it has any, so that Jackson's parser reads it. */
  public static String notPlain(Schema schema) {
    String record = of(schema);
    return record.endsWith("}") && record.length() > 2
        ? record.substring(0, record.length() - 1)
            + ", \""
            + RecordParsers.unknownName(schema)
            + "\": 0}"
        : record;
  }

  private static void append(StringBuilder text, PathNode node, Schema schema) {
    if (node.values.length > 0) {
      text.append(value(schema.fields().get(node.values[0])));
    } else if (isArray(node)) {
      appendElements(text, node, schema);
    } else {
      appendMembers(text, node, schema);
    }
  }

  private static boolean isArray(PathNode node) {
    int count = node.indices.length;
    return count > 0 && count == node.children.length && node.indices[count - 1] < MOST_ELEMENTS;
  }

  private static void appendElements(StringBuilder text, PathNode node, Schema schema) {
    text.append('[');
    int index = 0;
    for (int i = 0; i < node.indices.length; i++, index++) {
      for (; index < node.indices[i]; index++) {
        text.append("0, ");
      }
      append(text, node.elements[i], schema);
      text.append(i + 1 < node.indices.length ? ", " : "");
    }
    text.append(']');
  }

  private static void appendMembers(StringBuilder text, PathNode node, Schema schema) {
    text.append('{');
    for (int i = 0; i < node.children.length; i++) {
      text.append(i == 0 ? "\"" : ", \"");
      JsonStringEncoder.getInstance().quoteAsString(node.names.get(i), text);
      text.append("\": ");
      append(text, node.children[i], schema);
    }
    text.append('}');
  }

  private static String value(Field field) {
    return switch (field.type()) {
      case INTEGER -> "17";
      case REAL -> "21.400000000000002";
      case TEXT -> "\"text\"";
      case BOOLEAN -> "true";
      case TIMESTAMP -> field.epoch() == ChronoUnit.SECONDS ? "1751715061.1234567" : "1751715061";
      case JSON -> "{}";
    };
  }
}
