package dev.ingest.testkit;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.ingest.record.FieldType;
import dev.ingest.record.RecordBatch;
import dev.ingest.record.Schema;
import dev.ingest.sink.Sink;
import java.io.IOException;
import java.net.URLDecoder;
import java.net.URLEncoder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;

/**
 * Appends records to a file, a line each with commas between the values; those of a batch at once.
 */
class FileSink implements Sink {
  private final Path file;

  FileSink(Path file) {
    this.file = file;
  }

  @Override
  public void open(Schema schema) throws IOException {
    append(List.of());
  }

  @Override
  public void write(RecordBatch batch) throws IOException {
    List<String> lines = new ArrayList<>();
    for (int row = 0; row < batch.size(); row++) {
      lines.add(line(batch, row));
    }
    append(lines);
  }

  static String line(RecordBatch batch, int row) {
    List<String> values = new ArrayList<>();
    for (Object value : SinkContract.rowOf(batch, row)) {
      values.add(value == null ? "" : '\'' + URLEncoder.encode(value.toString(), UTF_8));
    }
    return String.join(",", values);
  }

  void append(List<String> lines) throws IOException {
    Files.write(file, lines, StandardOpenOption.CREATE, StandardOpenOption.APPEND);
  }

  static List<List<Object>> rows(Path file) throws IOException {
    List<List<Object>> rows = new ArrayList<>();
    for (String line : Files.readAllLines(file)) {
      String[] values = line.split(",", -1);
      List<Object> row = new ArrayList<>();
      for (int column = 0; column < values.length; column++) {
        row.add(value(values[column], SinkContract.SCHEMA.fields().get(column).type()));
      }
      rows.add(row);
    }
    return rows;
  }

  private static Object value(String encoded, FieldType type) {
    if (encoded.isEmpty()) {
      return null;
    }
    String text = URLDecoder.decode(encoded.substring(1), UTF_8);
    return switch (type) {
      case INTEGER -> Long.valueOf(text);
      case REAL -> Double.valueOf(text);
      case BOOLEAN -> Boolean.valueOf(text);
      case TIMESTAMP -> Instant.parse(text);
      case TEXT, JSON -> text;
    };
  }
}
