package author;

import dev.ingest.record.RecordBatch;
import dev.ingest.sink.Sink;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;

/** Keeps the values of records in a list. */
public final class ListSink implements Sink {
  private final List<List<Object>> list;

  public ListSink(List<List<Object>> list) {
    this.list = list;
  }

  @Override
  public void write(RecordBatch batch) {
    List<List<Object>> rows = new ArrayList<>();
    for (int row = 0; row < batch.size(); row++) {
      List<Object> values = new ArrayList<>();
      for (int column = 0; column < batch.schema().fields().size(); column++) {
        values.add(batch.isNull(row, column) ? null : value(batch, row, column));
      }
      rows.add(values);
    }
    list.addAll(rows);
  }

  private static Object value(RecordBatch batch, int row, int column) {
    return switch (batch.schema().fields().get(column).type()) {
      case INTEGER -> batch.getLong(row, column);
      case REAL -> batch.getDouble(row, column);
      case BOOLEAN -> batch.getBoolean(row, column);
      case TIMESTAMP -> Instant.EPOCH.plusNanos(batch.getLong(row, column));
      case TEXT, JSON -> batch.getString(row, column);
    };
  }
}
