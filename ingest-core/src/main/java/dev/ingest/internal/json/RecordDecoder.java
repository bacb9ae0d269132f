package dev.ingest.internal.json;

import dev.ingest.internal.decode.RejectedException;
import dev.ingest.internal.decode.RowWriter;
import dev.ingest.record.Field;
import dev.ingest.record.Schema;
import dev.ingest.stats.RejectReason;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Collectors;
import tools.jackson.core.JacksonException;
import tools.jackson.core.JsonToken;

/**
 * Decodes one object into one row, along the paths of the schema's fields. What no path leads to is
 * skipped, but must be JSON. Names are matched where their bytes lie, without a string each.
 */
final class RecordDecoder {
  private final PathNode record;
  private final ValueDecoder values;
  private final List<Field> fields;

  RecordDecoder(RecordParsers parsers, Schema schema) {
    record = PathNode.of(parsers, schema);
    values = new ValueDecoder(schema);
    fields = schema.fields();
  }

  /** Adds the row of the object that the parser has come to. */
  void decode(RecordParser parser, JsonToken token, RowWriter rows) throws RejectedException {
    if (token != JsonToken.START_OBJECT) {
      ValueDecoder.skip(parser);
      throw new RejectedException(
          RejectReason.WRONG_TYPE,
          "a record is " + Rejections.describe(token) + ": expected an object");
    }
    rows.addRow();
    try {
      decodeValue(parser, token, record, rows);
    } catch (JacksonException e) {
      throw Rejections.malformed(parser, e, RejectReason.MALFORMED_JSON);
    }
  }

  private void decodeValue(RecordParser parser, JsonToken token, PathNode node, RowWriter rows)
      throws RejectedException {
    int start = parser.valueStart();
    int nonNumbers = parser.nonNumbers();
    for (int column : node.values) {
      values.decode(parser, token, column, rows);
    }
    FieldNames members = node.members;
    if (members == null) {
      parser.skipChildren();
    } else if (token == JsonToken.START_OBJECT) {
      decodeMembers(parser, node, members, rows);
    } else if (token == JsonToken.START_ARRAY) {
      decodeElements(parser, node, rows);
    } else if (node.requiredChild != null) {
      throw missing(node.requiredChild, "is " + Rejections.describe(token));
    }
    if (node.texts.length > 0) {
      if (parser.nonNumbers() > nonNumbers) {
        throw notJson(parser, node);
      }
      setTexts(parser, token, node, start, rows);
    }
  }

  private void decodeMembers(RecordParser parser, PathNode node, FieldNames members, RowWriter rows)
      throws RejectedException {
    int[] columns = node.columns;
    long[] seen = node.seen;
    Arrays.fill(seen, 0);
    for (int i = members.next(parser); i != FieldNames.END; i = members.next(parser)) {
      if (i < 0) {
        parser.nextToken();
        parser.skipChildren();
        continue;
      }
      long bit = 1L << i;
      if ((seen[i >> 6] & bit) != 0) {
        throw twice(node.children[i]);
      }
      seen[i >> 6] |= bit;
      int column = columns[i];
      if (column >= 0) {
        values.decode(parser, parser.nextToken(), column, rows);
      } else {
        decodeValue(parser, parser.nextToken(), node.children[i], rows);
      }
    }
    for (int i = 0; i < seen.length; i++) {
      long missing = node.requiredMembers[i] & ~seen[i];
      if (missing != 0) {
        throw missing(
            node.children[(i << 6) + Long.numberOfTrailingZeros(missing)], "has no such member");
      }
    }
  }

  private void decodeElements(RecordParser parser, PathNode node, RowWriter rows)
      throws RejectedException {
    int index = 0;
    int reached = 0;
    for (JsonToken token = parser.nextToken();
        token != JsonToken.END_ARRAY;
        token = parser.nextToken()) {
      if (reached < node.indices.length && node.indices[reached] == index) {
        decodeValue(parser, token, node.elements[reached], rows);
        reached++;
      } else {
        parser.skipChildren();
      }
      index++;
    }
    PathNode missing =
        reached < node.requiredElements
            ? node.elements[node.requiredElements - 1]
            : node.requiredMember;
    if (missing != null) {
      throw missing(missing, "is an array of " + index);
    }
  }

  private void setTexts(
      RecordParser parser, JsonToken token, PathNode node, int start, RowWriter rows)
      throws RejectedException {
    int length = parser.valueEnd() - start;
    for (int column : node.texts) {
      if (token == JsonToken.VALUE_NULL) {
        values.decode(parser, token, column, rows);
      } else {
        rows.setJson(column, start, length);
      }
    }
  }

  private RejectedException notJson(RecordParser parser, PathNode node) {
    return new RejectedException(
        RejectReason.MALFORMED_JSON,
        Rejections.name(fields.get(node.texts[0]))
            + " has "
            + parser.nonNumber()
            + " in it, which JSON does not have: expected JSON");
  }

  private RejectedException twice(PathNode node) {
    Field field = fields.get(node.first);
    String what =
        field.path().size() == node.depth
            ? "field '" + field.name() + "'"
            : pointer(field.path().subList(0, node.depth));
    return new RejectedException(
        RejectReason.DUPLICATE_FIELD, what + " is there twice: expected it once");
  }

  /**
   * Returns the rejection of a record without a value that it must have.
   *
   * @param node where it should be, or where its path should lead through
   * @param parent what the record has before that
   */
  private RejectedException missing(PathNode node, String parent) {
    if (node.missing != null) {
      return node.missing;
    }
    Field field = fields.get(node.required);
    List<String> path = field.path();
    String detail = "field '" + field.name() + "' is not there: expected " + field.type();
    boolean plain = path.equals(List.of(field.name()));
    if (!plain) {
      String before = node.depth == 1 ? "the record" : pointer(path.subList(0, node.depth - 1));
      detail += " at " + pointer(path) + ", but " + before + " " + parent;
    }
    RejectedException missing = new RejectedException(RejectReason.MISSING_FIELD, detail);
    node.missing = plain ? missing : null;
    return missing;
  }

  /** Returns a path as a JSON Pointer, as it can be shown. */
  private static String pointer(List<String> path) {
    return Rejections.quote(
        path.stream()
            .map(name -> "/" + name.replace("~", "~0").replace("/", "~1"))
            .collect(Collectors.joining()));
  }
}
