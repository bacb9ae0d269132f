package dev.ingest.internal.json;

import dev.ingest.internal.batch.Batch;
import dev.ingest.internal.decode.RejectedException;
import dev.ingest.record.Field;
import dev.ingest.record.Schema;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.temporal.ChronoUnit;
import java.util.Arrays;
import tools.jackson.core.io.JsonStringEncoder;

/**
 * Decodes made-up records, so that the JVM has loaded and compiled the decoder before the first
 * datagram comes. Otherwise a flood that meets a cold server overflows the kernel's buffer while
 * the decoder is interpreted.
 */
public final class WarmUp {
  private static final int ROUNDS = 2_500;

  /** How many datagrams are decoded together in each round; one more is decoded by itself. */
  private static final int TOGETHER = 3;

  /** A longer array is made up as an object, whose members have the indices as names. */
  private static final int MOST_ELEMENTS = 64;

  private static final InetSocketAddress NOBODY = InetSocketAddress.createUnresolved("nobody", 0);

  private WarmUp() {}

  /** Decodes records of a schema; takes some tenths of a second of processor time. */
  public static void run(Schema schema) {
    JsonDecoder decoder = new JsonDecoder(schema);
    Batch batch = new Batch(schema);
    String record = record(schema);
    ByteBuffer[] datagrams = {datagram(record), datagram(notPlain(record, schema))};
    InetSocketAddress[] sources = new InetSocketAddress[TOGETHER];
    Arrays.fill(sources, NOBODY);
    int[] offsets = new int[TOGETHER];
    try {
      for (int i = 0; i < ROUNDS; i++) {
        ByteBuffer datagram = datagrams[i % datagrams.length];
        int length = datagram.limit();
        int offset = append(batch, datagram);
        decoder.decode(batch, offset, length);
        batch.commit(NOBODY, 0, offset + length);
        for (int j = 0; j < TOGETHER; j++) {
          offsets[j] = append(batch, datagram);
        }
        int end = offsets[TOGETHER - 1] + length;
        decoder.decodeEach(batch, offsets, TOGETHER, end);
        batch.commitEach(sources, 0, 0, end);
        batch.clear();
      }
    } catch (RejectedException e) {
      // Fields whose paths contradict one another, which only some records have.
    }
  }

  /** As the receiver's: code that is compiled for another kind would be thrown away. */
  private static ByteBuffer datagram(String record) {
    byte[] bytes = record.getBytes(StandardCharsets.UTF_8);
    return ByteBuffer.allocateDirect(bytes.length).put(bytes).flip();
  }

  /** Returns a record with a member more, if it has any, so that Jackson reads it. */
  private static String notPlain(String record, Schema schema) {
    return record.endsWith("}") && record.length() > 2
        ? record.substring(0, record.length() - 1)
            + ", \""
            + RecordParsers.unknownName(schema)
            + "\": 0}"
        : record;
  }

  private static int append(Batch batch, ByteBuffer datagram) {
    datagram.rewind();
    return batch.append(datagram);
  }

  /** Returns a record that has all fields, unless their paths contradict one another. */
  static String record(Schema schema) {
    StringBuilder text = new StringBuilder();
    append(text, PathNode.of(RecordParsers.of(schema), schema), schema);
    return text.toString();
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
