package dev.ingest.internal.decode;

import dev.ingest.internal.batch.Batch;
import dev.ingest.record.Field;
import dev.ingest.record.Schema;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.stream.Collectors;

/**
 * Decodes made-up records, so that the JVM has loaded and compiled the decoder before the first
 * datagram comes. Without it a flood that meets a cold server overflows the kernel's buffer while
 * the decoder is interpreted.
 */
public final class WarmUp {
  private static final int ROUNDS = 2_500;

  /** So many datagrams are decoded together in each round, and one by itself. */
  private static final int TOGETHER = 3;

  private static final InetSocketAddress NOBODY = InetSocketAddress.createUnresolved("nobody", 0);

  private WarmUp() {}

  /** Warms a decoder up; takes some tenths of a second of processor time. */
  public static void of(JsonDecoder decoder, Schema schema) {
    Batch batch = new Batch(schema);
    byte[] record = record(schema).getBytes(StandardCharsets.UTF_8);
    // As the receiver's: code that is compiled for another kind would be thrown away.
    ByteBuffer datagram = ByteBuffer.allocateDirect(record.length).put(record).flip();
    InetSocketAddress[] sources = new InetSocketAddress[TOGETHER];
    Arrays.fill(sources, NOBODY);
    int[] offsets = new int[TOGETHER];
    try {
      for (int i = 0; i < ROUNDS; i++) {
        int offset = append(batch, datagram);
        decoder.decode(batch, offset, record.length);
        batch.commit(NOBODY, offset + record.length);
        for (int j = 0; j < TOGETHER; j++) {
          offsets[j] = append(batch, datagram);
        }
        int end = offsets[TOGETHER - 1] + record.length;
        decoder.decodeEach(batch, offsets, TOGETHER, end);
        batch.commitEach(sources, 0, end);
        batch.clear();
      }
    } catch (RejectedException e) {
      throw new IllegalStateException(
          "the schema " + schema + " does not fit its own record: " + e.detail(), e);
    }
  }

  private static int append(Batch batch, ByteBuffer datagram) {
    datagram.rewind();
    return batch.append(datagram);
  }

  private static String record(Schema schema) {
    return schema.fields().stream()
        .map(field -> string(field.name()) + ": " + value(field))
        .collect(Collectors.joining(", ", "{", "}"));
  }

  private static String value(Field field) {
    return switch (field.type()) {
      case INTEGER -> "17";
      case REAL -> "21.400000000000002";
      case TEXT -> "\"text\"";
      case BOOLEAN -> "true";
      case TIMESTAMP -> "1751715061.1234567";
    };
  }

  private static String string(String name) {
    return name.chars()
        .mapToObj(
            c ->
                c < ' ' || c == '"' || c == '\\'
                    ? String.format("\\u%04x", c)
                    : Character.toString(c))
        .collect(Collectors.joining("", "\"", "\""));
  }
}
