package dev.ingest.kafka;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.ingest.record.Field;
import dev.ingest.record.RecordBatch;
import dev.ingest.record.Schema;
import dev.ingest.sink.SinkException;
import java.io.ByteArrayOutputStream;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.List;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.header.Header;
import org.apache.kafka.common.header.internals.RecordHeader;
import org.jspecify.annotations.Nullable;

/**
 * Makes the messages of a batch, all of them before the first is sent: so a record that no broker
 * would take is found while nothing is stored, and halving the batch stores nothing twice.
 */
final class Messages {
  /**
   * What Kafka adds to a message at most, without headers: 61 bytes of its batch, 21 of the record,
   * and three lengths of at most 5 bytes (DefaultRecordBatch, DefaultRecord and ByteUtils of
   * kafka-clients 4.4).
   */
  private static final int OVERHEAD = 61 + 21 + 3 * 5;

  /** Two lengths. */
  private static final int HEADER_OVERHEAD = 2 * 5;

  private static final int NO_KEY = -1;

  private final Format format;
  private final String topic;
  private final List<Field> fields;
  private final Values values;
  private final int key;
  private final int[] headers;

  /**
   * Prepares for a schema.
   *
   * @throws SinkException if the schema does not have what the format names
   */
  Messages(Format format, String topic, Schema schema) throws SinkException {
    if (format.fault().isPresent()) {
      throw SinkException.permanent(format.fault().get());
    }
    this.format = format;
    this.topic = topic;
    this.fields = schema.fields();
    this.values = new Values(format.value(), fields);
    if (format.key().isPresent()) {
      key = Fields.column(schema, format.key().get(), "key");
      Fields.checkKey(fields.get(key));
    } else {
      key = NO_KEY;
    }
    headers = new int[format.headers().size()];
    for (int i = 0; i < headers.length; i++) {
      headers[i] = Fields.column(schema, format.headers().get(i), "headers");
    }
  }

  /** Checks that the topic takes such messages at all. */
  void check(Limits limits) throws SinkException {
    if (limits.compacted() && key == NO_KEY) {
      throw SinkException.retryable(
          "Kafka topic '"
              + topic
              + "' is compacted, so it takes no message without a key: expected the option key, or"
              + " cleanup.policy=delete");
    }
  }

  /**
   * Makes the messages of the rows that are not stored yet, in their order.
   *
   * @throws SinkException if one of them is too large or lacks a key
   */
  List<ProducerRecord<byte[], byte[]>> of(RecordBatch batch, BitSet stored, Limits limits)
      throws SinkException {
    return format.message() == Format.Message.RECORD
        ? records(batch, stored, limits)
        : batches(batch, stored, limits);
  }

  private List<ProducerRecord<byte[], byte[]>> records(
      RecordBatch batch, BitSet stored, Limits limits) throws SinkException {
    List<ProducerRecord<byte[], byte[]>> messages = new ArrayList<>(batch.size());
    for (int row = stored.nextClearBit(0); row < batch.size(); row = stored.nextClearBit(row + 1)) {
      byte[] value = values.json(batch, row);
      byte[] rowKey = key(batch, row, limits);
      List<Header> rowHeaders = headers(batch, row);
      int size = OVERHEAD + value.length + (rowKey == null ? 0 : rowKey.length);
      for (Header header : rowHeaders) {
        size += HEADER_OVERHEAD + header.key().length() * 3 + header.value().length;
      }
      checkSize(size, limits);
      messages.add(new ProducerRecord<>(topic, null, rowKey, value, rowHeaders));
    }
    return messages;
  }

  private List<ProducerRecord<byte[], byte[]>> batches(
      RecordBatch batch, BitSet stored, Limits limits) throws SinkException {
    List<ProducerRecord<byte[], byte[]>> messages = new ArrayList<>();
    ByteArrayOutputStream lines = new ByteArrayOutputStream();
    for (int row = stored.nextClearBit(0); row < batch.size(); row = stored.nextClearBit(row + 1)) {
      byte[] line = line(values.json(batch, row));
      checkSize(OVERHEAD + line.length, limits);
      if (lines.size() > 0 && OVERHEAD + lines.size() + line.length > limits.maxMessageBytes()) {
        messages.add(new ProducerRecord<>(topic, lines.toByteArray()));
        lines.reset();
      }
      lines.write(line, 0, line.length);
    }
    if (lines.size() > 0) {
      messages.add(new ProducerRecord<>(topic, lines.toByteArray()));
    }
    return messages;
  }

  /** Ends a record with a newline, and takes out others: they stand between tokens only. */
  private static byte[] line(byte[] json) {
    byte[] line = new byte[json.length + 1];
    for (int i = 0; i < json.length; i++) {
      line[i] = json[i] == '\n' || json[i] == '\r' ? (byte) ' ' : json[i];
    }
    line[json.length] = '\n';
    return line;
  }

  private byte @Nullable [] key(RecordBatch batch, int row, Limits limits) throws SinkException {
    if (key == NO_KEY) {
      return null;
    }
    if (!batch.isNull(row, key)) {
      return text(batch, row, key);
    }
    if (limits.compacted()) {
      throw SinkException.permanent(
          "a record lacks its key '"
              + fields.get(key).name()
              + "', and the topic '"
              + topic
              + "' is compacted: expected a value");
    }
    return null;
  }

  private List<Header> headers(RecordBatch batch, int row) {
    if (headers.length == 0) {
      return List.of();
    }
    List<Header> present = new ArrayList<>(headers.length);
    for (int column : headers) {
      if (!batch.isNull(row, column)) {
        present.add(new RecordHeader(fields.get(column).name(), text(batch, row, column)));
      }
    }
    return present;
  }

  private byte[] text(RecordBatch batch, int row, int column) {
    return Fields.text(batch, row, column, fields.get(column).type()).getBytes(UTF_8);
  }

  private void checkSize(int size, Limits limits) throws SinkException {
    if (size > limits.maxMessageBytes()) {
      throw SinkException.permanent(
          "Kafka topic '"
              + topic
              + "': a record needs "
              + size
              + " bytes before compression, with key, headers and what Kafka adds, and "
              + limits.setBy()
              + " allows "
              + limits.maxMessageBytes()
              + ": raise that, or send less");
    }
  }
}
