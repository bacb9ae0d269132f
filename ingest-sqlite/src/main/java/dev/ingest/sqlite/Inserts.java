package dev.ingest.sqlite;

import dev.ingest.record.Field;
import dev.ingest.record.FieldType;
import dev.ingest.record.JournalPosition;
import dev.ingest.record.RecordBatch;
import dev.ingest.record.Schema;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.sql.Types;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * The statements that store a batch: BEGIN, the INSERT for 1, 2, 4 and so on rows at once, each
 * prepared when it is first needed, and COMMIT. To be closed after a failure: the driver keeps a
 * statement, up to some 40 KB of native memory, until then.
 *
 * <p>A statement costs more than a row, and from some 500 values on that no longer shows: a row of
 * four columns takes 0.53 µs of processor time alone, 0.30 µs among 8, 0.265 µs among 32 and 0.257
 * µs among 128 (sqlite-jdbc 3.54.1, WAL, 4,096 rows a transaction). The boxes that JDBC makes of
 * the values are some 0.02 µs of that.
 */
final class Inserts {
  private static final int MAX_VALUES = 512;
  private static final byte[] NO_BYTES = {};

  private final Connection connection;
  private final String insert;
  private final String row;

  /** Whether the database keeps texts in UTF-8, and not in UTF-16. */
  private final boolean utf8;

  private final FieldType[] types;
  private final boolean[] optional;
  private final @Nullable PreparedStatement[] byPowerOfTwo;
  private final List<PreparedStatement> prepared = new ArrayList<>();
  private final Positions positions;
  private final PreparedStatement begin;
  private final PreparedStatement commit;

  /** Prepares for a table, and fails if no row can be inserted into it. */
  Inserts(Connection connection, String quotedTable, Schema schema) throws SQLException {
    List<Field> fields = schema.fields();
    this.connection = connection;
    this.positions = new Positions(connection);
    this.insert =
        fields.stream()
            .map(field -> Table.quoted(field.name()))
            .collect(Collectors.joining(", ", "INSERT INTO " + quotedTable + " (", ") VALUES "));
    this.utf8 = Connections.value(connection, "PRAGMA encoding").equals("UTF-8");
    this.row =
        fields.stream()
            .map(field -> utf8 && isText(field.type()) ? "CAST(? AS TEXT)" : "?")
            .collect(Collectors.joining(", ", "(", ")"));
    this.types = fields.stream().map(Field::type).toArray(FieldType[]::new);
    this.optional = new boolean[types.length];
    for (int column = 0; column < types.length; column++) {
      optional[column] = fields.get(column).optional();
    }
    int maxRows = Math.max(1, MAX_VALUES / types.length);
    this.byPowerOfTwo = new PreparedStatement[Integer.SIZE - Integer.numberOfLeadingZeros(maxRows)];
    try {
      this.begin = prepare("BEGIN IMMEDIATE");
      this.commit = prepare("COMMIT");
      statement(0);
    } catch (Throwable t) {
      close(t);
      throw t;
    }
  }

  /**
   * Inserts all rows of a batch in a transaction, which is left open; a failure leaves it open,
   * too.
   *
   * @param forgotten segments of the journal that are forgotten in the same transaction
   */
  void insert(RecordBatch batch, List<String> forgotten) throws SQLException {
    begin.execute();
    if (!forgotten.isEmpty()) {
      Positions.forget(connection, forgotten);
    }
    Optional<JournalPosition> position = batch.position();
    if (position.isPresent()) {
      insert(batch, positions.add(position.get(), batch.size()));
    } else {
      insert(batch, 0, batch.size());
    }
  }

  void commit() throws SQLException {
    commit.execute();
  }

  private void insert(RecordBatch batch, BitSet known) throws SQLException {
    for (int from = known.nextClearBit(0); from < batch.size(); ) {
      int next = known.nextSetBit(from);
      int to = next < 0 ? batch.size() : next;
      insert(batch, from, to);
      from = known.nextClearBit(to);
    }
  }

  private void insert(RecordBatch batch, int first, int end) throws SQLException {
    for (int from = first; from < end; ) {
      int power =
          Math.min(byPowerOfTwo.length, Integer.SIZE - Integer.numberOfLeadingZeros(end - from))
              - 1;
      int to = from + (1 << power);
      PreparedStatement statement = statement(power);
      int parameter = 1;
      for (int row = from; row < to; row++) {
        for (int column = 0; column < types.length; column++) {
          bind(statement, parameter++, batch, row, column);
        }
      }
      statement.executeUpdate();
      from = to;
    }
  }

  private void bind(
      PreparedStatement statement, int parameter, RecordBatch batch, int row, int column)
      throws SQLException {
    if (optional[column] && batch.isNull(row, column)) {
      statement.setNull(parameter, Types.NULL);
      return;
    }
    switch (types[column]) {
      case INTEGER -> statement.setLong(parameter, batch.getLong(row, column));
      case REAL, TIMESTAMP -> statement.setDouble(parameter, batch.getDouble(row, column));
      case TEXT, JSON -> bindText(statement, parameter, batch, row, column);
      case BOOLEAN -> statement.setInt(parameter, batch.getBoolean(row, column) ? 1 : 0);
    }
  }

  /**
   * Binds a text as the bytes that SQLite is to keep, which the statement casts. To make strings of
   * texts of 500 bytes, which the driver then encodes again, was 16 % of the server's processor
   * time. An empty array might become a null: its memory is malloc(0).
   */
  private void bindText(
      PreparedStatement statement, int parameter, RecordBatch batch, int row, int column)
      throws SQLException {
    byte[] text = utf8 ? batch.getUtf8(row, column) : NO_BYTES;
    if (text.length > 0) {
      statement.setBytes(parameter, text);
    } else {
      statement.setString(parameter, batch.getString(row, column));
    }
  }

  private static boolean isText(FieldType type) {
    return type == FieldType.TEXT || type == FieldType.JSON;
  }

  private PreparedStatement statement(int power) throws SQLException {
    PreparedStatement statement = byPowerOfTwo[power];
    if (statement == null) {
      String rows = (row + ", ").repeat((1 << power) - 1) + row;
      statement = prepare(insert + rows);
      byPowerOfTwo[power] = statement;
    }
    return statement;
  }

  private PreparedStatement prepare(String sql) throws SQLException {
    PreparedStatement statement = connection.prepareStatement(sql);
    prepared.add(statement);
    return statement;
  }

  /** Closes the statements; a failure of that is added to the one it follows. */
  void close(Throwable failure) {
    positions.close(failure);
    for (PreparedStatement statement : prepared) {
      try {
        statement.close();
      } catch (SQLException e) {
        failure.addSuppressed(e);
      }
    }
  }
}
