package dev.ingest.sqlite;

import dev.ingest.record.Field;
import dev.ingest.sink.Sink;
import dev.ingest.sink.SinkConfig;
import dev.ingest.testkit.Deviation;
import dev.ingest.testkit.SinkContract;
import java.nio.file.Path;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.io.TempDir;

class SqliteSinkContractIT extends SinkContract {
  @TempDir Path directory;
  private Sink last;

  @Override
  protected Sink newSink() {
    last = sink(directory.resolve("contract.db"));
    return last;
  }

  @Override
  protected List<List<Object>> storedRows() throws SQLException {
    try (Database database = new Database(directory.resolve("contract.db"));
        Statement statement = database.connection().createStatement();
        ResultSet result = statement.executeQuery("SELECT * FROM contract")) {
      List<List<Object>> rows = new ArrayList<>();
      while (result.next()) {
        List<Object> row = new ArrayList<>();
        for (Field field : SCHEMA.fields()) {
          Object value = value(result, field);
          row.add(result.wasNull() ? null : value);
        }
        rows.add(row);
      }
      return rows;
    }
  }

  private static Object value(ResultSet result, Field field) throws SQLException {
    return switch (field.type()) {
      case INTEGER -> result.getLong(field.name());
      case REAL, TIMESTAMP -> result.getDouble(field.name());
      case BOOLEAN -> result.getBoolean(field.name());
      case TEXT, JSON -> result.getString(field.name());
    };
  }

  /** Numbers are stored as SQLite's NUMERIC, and times in seconds. */
  @Override
  protected Set<Deviation> deviations() {
    return Set.of(Deviation.ZERO_HAS_NO_SIGN, Deviation.TIMESTAMP_IN_DOUBLE_SECONDS);
  }

  @Override
  protected Sink sinkThatCannotOpen() {
    return sink(directory);
  }

  @Override
  protected AutoCloseable refuse(long id) throws SQLException {
    execute(
        "CREATE TRIGGER refuse BEFORE INSERT ON contract WHEN NEW.id = "
            + id
            + " BEGIN SELECT RAISE(ABORT, 'refused'); END");
    return () -> execute("DROP TRIGGER refuse");
  }

  private void execute(String sql) throws SQLException {
    try (Database database = new Database(directory.resolve("contract.db"))) {
      database.execute(sql);
    }
  }

  @Override
  protected AutoCloseable block() throws SQLException {
    Database locker = new Database(directory.resolve("contract.db"));
    locker.execute("BEGIN IMMEDIATE");
    return locker;
  }

  @Override
  protected boolean remembersPositions() {
    return true;
  }

  @Override
  protected void breakDuringCommit() throws Exception {
    BrokenCommit.of(last);
  }

  private static Sink sink(Path file) {
    return new SqliteSinkProvider()
        .create(SinkConfig.parse("sqlite:" + file + "?busy_timeout=3600000"));
  }
}
