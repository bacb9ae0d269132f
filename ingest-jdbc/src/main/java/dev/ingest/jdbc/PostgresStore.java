package dev.ingest.jdbc;

import dev.ingest.record.Field;
import dev.ingest.record.JournalPosition;
import dev.ingest.record.RecordBatch;
import dev.ingest.record.Schema;
import dev.ingest.sink.SinkException;
import java.sql.Array;
import java.sql.Connection;
import java.sql.DatabaseMetaData;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.util.BitSet;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.postgresql.core.BaseConnection;
import org.postgresql.jdbc.PgArray;
import org.postgresql.jdbc.PreferQueryMode;
import org.postgresql.util.PSQLException;

/**
 * Stores a batch in PostgreSQL by one statement and in one round trip: an array for each field in
 * binary form, which the statement unnests. If the batch has a position, the same statement writes
 * it down, and inserts the rows only if none of these lines was stored before ({@link
 * PostgresPositions}). So a statement of a connection that was given up can do no harm, whether it
 * comes first or last: the two meet at the row of the segment.
 */
final class PostgresStore implements Store {
  private static final int LEAST_VERSION = 14;

  private final PostgresTable table;
  private final PostgresPositions positions;
  private final PostgresArrays arrays;
  private final int columns;
  private String insert = "";
  private String insertAt = "";

  /** The process of the server that may still be writing, or 0. */
  private int unfinished;

  private PostgresStore(String database, TableName name, Schema schema) {
    this.table = new PostgresTable(database, name, schema);
    this.positions = new PostgresPositions(name.beside(PostgresPositions.TABLE));
    this.arrays = new PostgresArrays(schema);
    this.columns = schema.fields().size();
  }

  static PostgresStore of(Connection connection, String database, TableName name, Schema schema)
      throws SQLException, SinkException {
    DatabaseMetaData server = connection.getMetaData();
    if (server.getDatabaseMajorVersion() < LEAST_VERSION) {
      throw SinkException.retryable(
          database
              + ": is PostgreSQL "
              + server.getDatabaseProductVersion()
              + ", which has no multiranges: expected version "
              + LEAST_VERSION
              + " or later");
    }
    if (!connection.isWrapperFor(BaseConnection.class)
        || connection.unwrap(BaseConnection.class).getPreferQueryMode() == PreferQueryMode.SIMPLE) {
      throw SinkException.permanent(
          database
              + ": its connections are of "
              + connection.getClass()
              + ", expected ones of pgjdbc, or ones that unwrap to those, with a preferQueryMode"
              + " other than simple");
    }
    return new PostgresStore(database, name, schema);
  }

  @Override
  public void prepare(Connection connection) throws SQLException, SinkException {
    String rows = insert(table.prepare(connection));
    insert = rows;
    insertAt = positions.claim() + rows + " WHERE EXISTS (SELECT FROM position)";
    writeNothing(connection, Optional.empty()); // fails if the user may not, or nobody may now
  }

  /** Returns the statement that inserts arrays as rows, each value as its column takes it. */
  private String insert(List<String> values) {
    String names =
        table.fields().stream()
            .map(Field::name)
            .map(PostgresTable::quoted)
            .collect(Collectors.joining(", "));
    String arguments =
        IntStream.range(0, columns)
            .mapToObj(i -> "unnest(?::" + PostgresArrays.type(table.fields().get(i)) + "[]) c" + i)
            .collect(Collectors.joining(", "));
    return "INSERT INTO "
        + table.quoted()
        + " ("
        + names
        + ") SELECT "
        + String.join(", ", values)
        + " FROM (SELECT "
        + arguments
        + ") r";
  }

  @Override
  public void write(Connection connection, RecordBatch batch) throws SQLException, SinkException {
    fence(connection);
    if (batch.position().isEmpty()) {
      insert(connection, batch);
    } else if (!claim(connection, batch, batch.position().get())) {
      writeRest(connection, batch, batch.position().get());
    }
  }

  private void insert(Connection connection, RecordBatch batch) throws SQLException, SinkException {
    try (PreparedStatement statement = connection.prepareStatement(insert)) {
      bind(connection, statement, 1, batch);
      execute(connection, statement);
    }
  }

  /** Stores a batch unless a line of it is stored already. */
  private boolean claim(Connection connection, RecordBatch batch, JournalPosition position)
      throws SQLException {
    positions.create(connection);
    try (PreparedStatement statement = connection.prepareStatement(insertAt)) {
      positions.bind(statement, position, batch.size());
      bind(connection, statement, PostgresPositions.PARAMETERS + 1, batch);
      return execute(connection, statement) > 0;
    }
  }

  /**
   * Stores the records of a batch that are not stored yet, each run of them by a claim of its own:
   * if a connection of before claims a line of it meanwhile, what is stored is looked up again.
   */
  private void writeRest(Connection connection, RecordBatch batch, JournalPosition position)
      throws SQLException, SinkException {
    int size = batch.size();
    BitSet known = positions.stored(connection, position, size);
    for (int from = known.nextClearBit(0); from < size; ) {
      int next = known.nextSetBit(from);
      int to = next < 0 ? size : next;
      write(connection, batch.slice(from, to));
      from = known.nextClearBit(to);
    }
  }

  private void bind(
      Connection connection, PreparedStatement statement, int parameter, RecordBatch batch)
      throws SQLException {
    BaseConnection base = connection.unwrap(BaseConnection.class);
    for (int column = 0; column < columns; column++) {
      statement.setArray(
          parameter + column, new PgArray(base, arrays.oid(column), arrays.encode(batch, column)));
    }
  }

  /** Remembers which process of the server runs the statement until that is known to be over. */
  private int execute(Connection connection, PreparedStatement statement) throws SQLException {
    unfinished = connection.unwrap(BaseConnection.class).getBackendPID();
    try {
      int rows = statement.executeUpdate();
      unfinished = 0;
      return rows;
    } catch (PSQLException e) {
      if (e.getServerErrorMessage() != null) {
        unfinished = 0; // the server has rolled back
      }
      throw e;
    }
  }

  /**
   * Ends the process that may still run the last statement: it may wait for the end of a message
   * that never comes, with the segment's row locked. The process is told by its number and by what
   * it ran last. At worst the number belongs to another server's session by now, which writes to
   * the same table: it ends, and its write is tried again.
   */
  private void fence(Connection connection) throws SQLException {
    if (unfinished == 0) {
      return;
    }
    String sql =
        "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
            + " WHERE pid = ? AND pid <> pg_backend_pid() AND strpos(query, ?) > 0";
    try (PreparedStatement statement = connection.prepareStatement(sql)) {
      statement.setInt(1, unfinished);
      statement.setString(2, "INSERT INTO " + table.quoted() + " (");
      statement.execute();
    }
    unfinished = 0;
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
    return Fault.ofState(Failures.state(failure));
  }

  @Override
  public void writeNothing(Connection connection, RecordBatch batch) throws SQLException {
    writeNothing(connection, batch.position());
  }

  private void writeNothing(Connection connection, Optional<JournalPosition> position)
      throws SQLException {
    try (PreparedStatement statement =
        connection.prepareStatement(position.isPresent() ? insertAt : insert)) {
      int parameter = 1;
      if (position.isPresent()) {
        positions.bind(statement, position.get(), 0);
        parameter += PostgresPositions.PARAMETERS;
      }
      for (Field field : table.fields()) {
        Array none = connection.createArrayOf(PostgresArrays.type(field), new Object[0]);
        statement.setArray(parameter++, none);
      }
      statement.executeUpdate();
    }
  }

  /** Not by the statement: that would make the writer wait until this is over. */
  @Override
  public void cancel(Connection connection) throws SQLException {
    connection.unwrap(BaseConnection.class).cancelQuery();
  }
}
