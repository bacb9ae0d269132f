package dev.ingest.bench;

import dev.ingest.examples.SensorReading;
import dev.ingest.jdbc.JdbcSinkProvider;
import dev.ingest.record.JournalPosition;
import dev.ingest.record.RecordBatch;
import dev.ingest.sink.Sink;
import dev.ingest.sink.SinkConfig;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.sql.Timestamp;
import java.util.Properties;
import java.util.concurrent.TimeUnit;
import org.postgresql.Driver;
import org.postgresql.copy.CopyIn;
import org.postgresql.copy.CopyManager;
import org.postgresql.core.BaseConnection;

/** A way to store batches in PostgreSQL, in a table of its own. */
interface PostgresLoader extends AutoCloseable {
  /** The ways that are compared. */
  enum Kind {
    SINK_WITH_POSITIONS("sink, with positions"),
    SINK("sink"),
    ADD_BATCH("addBatch, rewritten"),
    BINARY_COPY("binary COPY");

    final String label;

    Kind(String label) {
      this.label = label;
    }

    String table() {
      return "ingest_cost_" + name().toLowerCase(java.util.Locale.ROOT);
    }
  }

  /** Stores readings durably, as far as the server is set to. */
  void store(int size) throws Exception;

  @Override
  void close() throws SQLException;

  /**
   * Prepares to store, in a table that is there.
   *
   * @param uri of a sink, without a table
   */
  static PostgresLoader open(Kind kind, PostgresUri uri) throws Exception {
    return switch (kind) {
      case SINK_WITH_POSITIONS, SINK -> new BySink(kind, uri);
      case ADD_BATCH -> new ByAddBatch(kind, uri);
      case BINARY_COPY -> new ByCopy(kind, uri);
    };
  }

  /** Through the sink. */
  final class BySink implements PostgresLoader {
    private final boolean positions;
    private final Sink sink;
    private final String segment = "cost-" + System.nanoTime();
    private long line;

    BySink(Kind kind, PostgresUri uri) throws Exception {
      positions = kind == Kind.SINK_WITH_POSITIONS;
      sink = new JdbcSinkProvider().create(SinkConfig.parse(uri.text() + "&table=" + kind.table()));
      sink.open(SensorReading.SCHEMA);
    }

    @Override
    public void store(int size) throws Exception {
      sink.write(
          positions
              ? SensorBatch.at(new JournalPosition(segment, line), size)
              : SensorBatch.of(size));
      line += size;
    }

    @Override
    public void close() throws SQLException {
      try {
        sink.forget(segment);
        sink.close();
      } catch (Exception e) {
        throw new SQLException("the sink could not be closed", e);
      }
    }
  }

  /** By JDBC's batches, of which the driver makes statements of up to 128 rows. */
  final class ByAddBatch implements PostgresLoader {
    private final Connection connection;
    private final PreparedStatement insert;

    ByAddBatch(Kind kind, PostgresUri uri) throws SQLException {
      connection = uri.connect("reWriteBatchedInserts", "true");
      insert = connection.prepareStatement("INSERT INTO " + kind.table() + " VALUES (?, ?, ?, ?)");
    }

    @Override
    public void store(int size) throws SQLException {
      RecordBatch batch = SensorBatch.of(size);
      for (int row = 0; row < size; row++) {
        insert.setLong(1, batch.getLong(row, 0));
        insert.setDouble(2, batch.getDouble(row, 1));
        insert.setDouble(3, batch.getDouble(row, 2));
        long nanos = batch.getLong(row, 3);
        Timestamp at = new Timestamp(TimeUnit.NANOSECONDS.toMillis(nanos));
        at.setNanos((int) (nanos % 1_000_000_000));
        insert.setTimestamp(4, at);
        insert.addBatch();
      }
      insert.executeBatch(); // in auto-commit one transaction
    }

    @Override
    public void close() throws SQLException {
      connection.close();
    }
  }

  /** By COPY in its binary format (see PostgreSQL's manual, COPY: Binary Format). */
  final class ByCopy implements PostgresLoader {
    private static final byte[] SIGNATURE =
        "PGCOPY\n\u00ff\r\n\0".getBytes(StandardCharsets.ISO_8859_1);
    private static final int ROW_BYTES = 2 + 4 * (4 + 8);
    private static final long EPOCH_MICROS = 946_684_800_000_000L;

    private final Connection connection;
    private final CopyManager manager;
    private final String copy;
    private ByteBuffer buffer = ByteBuffer.allocate(1 << 10);

    ByCopy(Kind kind, PostgresUri uri) throws SQLException {
      connection = uri.connect();
      manager = new CopyManager(connection.unwrap(BaseConnection.class));
      copy = "COPY " + kind.table() + " FROM STDIN (FORMAT binary)";
    }

    @Override
    public void store(int size) throws SQLException {
      RecordBatch batch = SensorBatch.of(size);
      if (buffer.capacity() < size * ROW_BYTES + 32) {
        buffer = ByteBuffer.allocate(size * ROW_BYTES + 32);
      }
      buffer.clear().put(SIGNATURE).putInt(0).putInt(0);
      for (int row = 0; row < size; row++) {
        buffer.putShort((short) 4);
        buffer.putInt(8).putLong(batch.getLong(row, 0));
        buffer.putInt(8).putDouble(batch.getDouble(row, 1));
        buffer.putInt(8).putDouble(batch.getDouble(row, 2));
        buffer.putInt(8).putLong(batch.getLong(row, 3) / 1000 - EPOCH_MICROS);
      }
      buffer.putShort((short) -1);
      CopyIn in = manager.copyIn(copy);
      in.writeToCopy(buffer.array(), 0, buffer.position());
      in.endCopy();
    }

    @Override
    public void close() throws SQLException {
      connection.close();
    }
  }

  /**
   * The URI of a sink in PostgreSQL, and what a connection of one's own needs of it.
   *
   * @param text with its options, but without a table
   */
  record PostgresUri(String text, SinkConfig config, String password) {
    Connection connect(String... properties) throws SQLException {
      Properties all = new Properties();
      config.option("user").ifPresent(user -> all.setProperty("user", user));
      all.setProperty("password", password);
      for (int i = 0; i < properties.length; i += 2) {
        all.setProperty(properties[i], properties[i + 1]);
      }
      return new Driver().connect("jdbc:" + config.path(), all);
    }
  }
}
