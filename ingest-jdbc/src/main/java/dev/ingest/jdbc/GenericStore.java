package dev.ingest.jdbc;

import dev.ingest.record.Field;
import dev.ingest.record.JournalPosition;
import dev.ingest.record.RecordBatch;
import dev.ingest.record.Schema;
import dev.ingest.sink.SinkException;
import java.sql.Connection;
import java.sql.DatabaseMetaData;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.BitSet;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * Stores a batch in any database: by INSERTs of many rows in one transaction, with the positions if
 * the batch has any ({@link GenericPositions}).
 */
final class GenericStore implements Store {
  /** Values of one INSERT; SQL Server takes 2,100 at most, others more. */
  private static final int MAX_VALUES = 2_000;

  /**
   * Rows of one INSERT: as text with each byte escaped, 64 of the largest records of 64 KiB are 8
   * MiB, and MariaDB takes 16 MiB at once by default.
   */
  private static final int MAX_ROWS = 64;

  private final Dialect dialect;
  private final String database;
  private final GenericTable table;
  private final GenericPositions positions;
  private final int maxRows;
  private List<GenericTable.Column> columns = List.of();
  private String insert = "";
  private String row = "";
  private String nothing = "";

  /** What runs or ran last. */
  private volatile @Nullable Statement statement;

  /** When that was prepared, by {@link System#nanoTime}. */
  private long prepared;

  private GenericStore(
      Dialect dialect, String database, TableName name, Schema schema, String quote) {
    this.dialect = dialect;
    this.database = database;
    this.table = new GenericTable(database, dialect, name, schema, quote);
    this.positions = new GenericPositions(table, name.beside(GenericPositions.TABLE), this);
    this.maxRows = Math.max(1, Math.min(MAX_ROWS, MAX_VALUES / schema.fields().size()));
  }

  static GenericStore of(Connection connection, String database, TableName name, Schema schema)
      throws SQLException, SinkException {
    DatabaseMetaData server = connection.getMetaData();
    if (!server.supportsTransactions()) {
      throw SinkException.permanent(
          database + ": has no transactions, so a batch that fails could not be taken back");
    }
    return new GenericStore(
        Dialect.of(server.getDatabaseProductName()),
        database,
        name,
        schema,
        server.getIdentifierQuoteString().strip());
  }

  @Override
  public void prepare(Connection connection) throws SQLException, SinkException {
    columns = table.prepare(connection);
    checkSafe(connection, table.name());
    String names =
        columns.stream()
            .map(column -> table.quoted(column.name()))
            .collect(Collectors.joining(", "));
    insert = "INSERT INTO " + table.quoted() + " (" + names + ") VALUES ";
    row =
        columns.stream()
            .map(column -> dialect.parameter(column.typeName()))
            .collect(Collectors.joining(", ", "(", ")"));
    nothing =
        "INSERT INTO "
            + table.quoted()
            + " ("
            + names
            + ") SELECT "
            + names
            + " FROM "
            + table.quoted()
            + " WHERE 1 = 0";
    positions.prepare();
    writeNothing(connection);
  }

  /** Fails if what is written to a table might be altered, or not be taken back. */
  void checkSafe(Connection connection, TableName name) throws SQLException, SinkException {
    String fault = dialect.fault(connection, name);
    if (!fault.isEmpty()) {
      throw SinkException.retryable(database + ": the table '" + name + "' " + fault);
    }
  }

  /** Makes a statement that {@link #cancel} ends. */
  PreparedStatement prepare(Connection connection, String sql) throws SQLException {
    prepared = System.nanoTime();
    PreparedStatement last = connection.prepareStatement(sql);
    statement = last;
    return last;
  }

  @Override
  public void write(Connection connection, RecordBatch batch) throws SQLException, SinkException {
    Optional<JournalPosition> position = batch.position();
    try {
      BitSet known = new BitSet();
      if (position.isPresent()) {
        known = positions.known(connection, position.get(), batch.size());
      }
      if (known.cardinality() == batch.size()) {
        return;
      }
      connection.setAutoCommit(false);
      if (position.isPresent()) {
        positions.add(connection, position.get(), batch.size(), known);
      }
      insert(connection, batch, known);
      connection.commit();
    } catch (SQLException e) {
      positions.forget();
      if (dialect.wasInterrupted(connection, e, System.nanoTime() - prepared)) {
        Thread.currentThread().interrupt();
      }
      throw e;
    } catch (Throwable t) {
      positions.forget();
      throw t;
    }
    connection.setAutoCommit(true);
  }

  private void insert(Connection connection, RecordBatch batch, BitSet known) throws SQLException {
    int size = batch.size();
    for (int from = known.nextClearBit(0); from < size; from = known.nextClearBit(from)) {
      int next = known.nextSetBit(from);
      int to = next < 0 ? size : next;
      insert(connection, batch, from, to);
      from = to;
    }
  }

  /** Inserts a range by as many INSERTs as it takes, all but the last of the most rows. */
  private void insert(Connection connection, RecordBatch batch, int from, int to)
      throws SQLException {
    int rest = (to - from) % maxRows;
    int end = to - rest;
    if (from < end) {
      insertEach(connection, batch, from, end, maxRows);
    }
    if (rest > 0) {
      insertEach(connection, batch, end, to, rest);
    }
  }

  private void insertEach(Connection connection, RecordBatch batch, int from, int to, int rows)
      throws SQLException {
    String sql = insert + (row + ", ").repeat(rows - 1) + row;
    try (PreparedStatement filled = prepare(connection, sql)) {
      for (int first = from; first < to; first += rows) {
        int parameter = 1;
        for (int i = first; i < first + rows; i++) {
          for (int column = 0; column < columns.size(); column++) {
            bind(filled, parameter++, batch, i, column);
          }
        }
        filled.executeUpdate();
      }
    }
  }

  private void bind(PreparedStatement filled, int parameter, RecordBatch batch, int row, int column)
      throws SQLException {
    Field field = table.fields().get(column);
    int type = columns.get(column).type();
    if (batch.isNull(row, column)) {
      filled.setNull(parameter, type);
      return;
    }
    switch (field.type()) {
      case INTEGER -> filled.setLong(parameter, batch.getLong(row, column));
      case REAL -> filled.setDouble(parameter, batch.getDouble(row, column));
      case TEXT, JSON -> filled.setString(parameter, batch.getString(row, column));
      case BOOLEAN -> filled.setBoolean(parameter, batch.getBoolean(row, column));
      case TIMESTAMP -> filled.setObject(parameter, dialect.time(batch.getLong(row, column), type));
    }
  }

  @Override
  public BitSet stored(Connection connection, String segment) throws SQLException, SinkException {
    return positions.stored(connection, segment);
  }

  @Override
  public void forget(Connection connection, String segment) throws SQLException {
    positions.forget(connection, segment);
  }

  @Override
  public Fault faultOf(SQLException failure) {
    return dialect.faultOf(failure);
  }

  @Override
  public void writeNothing(Connection connection, RecordBatch batch) throws SQLException {
    positions.prepare();
    writeNothing(connection);
    if (batch.position().isPresent()) {
      positions.writeNothing(connection);
    }
  }

  private void writeNothing(Connection connection) throws SQLException {
    try (PreparedStatement insertNothing = prepare(connection, nothing)) {
      insertNothing.executeUpdate();
    }
  }

  @Override
  public void cancel(Connection connection) throws SQLException {
    Statement last = statement;
    if (last != null) {
      last.cancel();
    }
  }
}
