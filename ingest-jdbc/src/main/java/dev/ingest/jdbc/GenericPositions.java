package dev.ingest.jdbc;

import dev.ingest.record.JournalPosition;
import dev.ingest.sink.SinkException;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.BitSet;

/**
 * Which lines of the server's journal are stored, in the table {@value #TABLE} of any database: a
 * row for each range of lines of a segment, in the same transaction as the records, and one for the
 * segment itself, on line {@value #SEGMENT_LINE}, whose count goes up with each transaction.
 *
 * <p>A transaction begins with that row: it sets the count if this is still the one that is known.
 * So it holds the lock on the row to its end, and does nothing if another one was faster. After a
 * failure nothing is known. Then the count is raised first, by a statement of its own, which waits
 * for whoever holds the row; what was committed is read after that. A connection that was given up
 * can do no harm: it holds the row and is waited for, or it has not come to it, and nobody sends
 * its next statement.
 */
final class GenericPositions {
  static final String TABLE = "ingest_journal";
  private static final int SEGMENT_LINE = -1;

  private final GenericTable table;
  private final TableName name;
  private final String quoted;
  private final GenericStore statements;
  private boolean exists;

  // What is known of the segment written last: its lines, the range stored last, and the count.
  private String segment = "";
  private BitSet lines = new BitSet();
  private long first;
  private long end;
  private long count;

  GenericPositions(GenericTable table, TableName name, GenericStore statements) {
    this.table = table;
    this.name = name;
    this.quoted = table.quoted(name);
    this.statements = statements;
  }

  /** Looks for the table again, which may be why a statement failed. */
  void prepare() {
    exists = false;
  }

  void writeNothing(Connection connection) throws SQLException {
    String sql = "UPDATE " + quoted + " SET line_count = line_count WHERE 1 = 0";
    try (PreparedStatement update = statements.prepare(connection, sql)) {
      update.executeUpdate();
    }
  }

  /** Makes the table if it is missing. */
  void create(Connection connection) throws SQLException, SinkException {
    if (!exists) {
      table.createIfMissing(
          connection,
          name,
          "segment varchar(100) NOT NULL, first_line bigint NOT NULL, line_count bigint NOT NULL,"
              + " PRIMARY KEY (segment, first_line)");
      statements.checkSafe(connection, name);
      exists = true;
    }
  }

  /** Returns which lines of a batch, counted from its first, are stored. */
  BitSet known(Connection connection, JournalPosition position, int size)
      throws SQLException, SinkException {
    if (!position.segment().equals(segment)) {
      load(connection, position.segment());
    }
    int from = Math.toIntExact(position.line());
    return lines.get(from, from + size);
  }

  /**
   * Notes in the open transaction that the lines of a batch are stored. What is known of the
   * segment is right again when this was committed: {@link #forget()} is called after a failure.
   *
   * @param known which of them are stored already
   */
  void add(Connection connection, JournalPosition position, int size, BitSet known)
      throws SQLException, SinkException {
    update(connection, SEGMENT_LINE, count, count + 1);
    count++;
    for (int from = known.nextClearBit(0); from < size; from = known.nextClearBit(from)) {
      int next = known.nextSetBit(from);
      int to = next < 0 || next > size ? size : next;
      addRange(connection, position.line() + from, position.line() + to);
      from = to;
    }
  }

  private void addRange(Connection connection, long from, long to)
      throws SQLException, SinkException {
    if (from == end) {
      update(connection, first, end - first, to - first);
    } else {
      insert(connection, segment, from, to - from);
      first = from;
    }
    end = to;
    lines.set(Math.toIntExact(from), Math.toIntExact(to));
  }

  private void update(Connection connection, long line, long oldCount, long newCount)
      throws SQLException, SinkException {
    String sql =
        "UPDATE "
            + quoted
            + " SET line_count = ? WHERE segment = ? AND first_line = ? AND line_count = ?";
    try (PreparedStatement update = statements.prepare(connection, sql)) {
      update.setLong(1, newCount);
      update.setString(2, segment);
      update.setLong(3, line);
      update.setLong(4, oldCount);
      if (update.executeUpdate() == 1) {
        return;
      }
    }
    throw SinkException.retryable(
        "the table "
            + quoted
            + " was changed by somebody else: expected the count "
            + oldCount
            + " on the line "
            + line
            + " of the segment "
            + segment
            + ". Nothing is stored; the table is read anew before the next attempt");
  }

  private void insert(Connection connection, String of, long line, long newCount)
      throws SQLException {
    String sql = "INSERT INTO " + quoted + " (segment, first_line, line_count) VALUES (?, ?, ?)";
    try (PreparedStatement insert = statements.prepare(connection, sql)) {
      insert.setString(1, of);
      insert.setLong(2, line);
      insert.setLong(3, newCount);
      insert.executeUpdate();
    }
  }

  /** Nothing is known any more. */
  void forget() {
    segment = "";
  }

  private void load(Connection connection, String of) throws SQLException, SinkException {
    forget();
    lines = new BitSet();
    end = -1;
    create(connection);
    raise(connection, of);
    String sql = "SELECT first_line, line_count FROM " + quoted + " WHERE segment = ?";
    try (PreparedStatement select = statements.prepare(connection, sql)) {
      select.setString(1, of);
      try (ResultSet rows = select.executeQuery()) {
        while (rows.next()) {
          long line = rows.getLong(1);
          if (line == SEGMENT_LINE) {
            count = rows.getLong(2);
          } else {
            first = line;
            end = line + rows.getLong(2);
            lines.set(Math.toIntExact(first), Math.toIntExact(end));
          }
        }
      }
    }
    segment = of;
  }

  /** Raises the count of a segment, in a transaction of its own. */
  private void raise(Connection connection, String of) throws SQLException {
    if (raiseExisting(connection, of)) {
      return;
    }
    try {
      insert(connection, of, SEGMENT_LINE, 0);
    } catch (SQLException e) {
      if (!raiseExisting(connection, of)) { // made by a connection that was given up
        throw e;
      }
    }
  }

  private boolean raiseExisting(Connection connection, String of) throws SQLException {
    String sql =
        "UPDATE "
            + quoted
            + " SET line_count = line_count + 1 WHERE segment = ? AND first_line = "
            + SEGMENT_LINE;
    try (PreparedStatement update = statements.prepare(connection, sql)) {
      update.setString(1, of);
      return update.executeUpdate() > 0;
    }
  }

  /** Returns the lines of a segment that are stored. */
  BitSet stored(Connection connection, String of) throws SQLException, SinkException {
    if (isMissing(connection)) {
      return new BitSet();
    }
    load(connection, of);
    return (BitSet) lines.clone();
  }

  /** Removes all that is known of a segment. */
  void forget(Connection connection, String of) throws SQLException {
    if (isMissing(connection)) {
      return;
    }
    forget();
    try (PreparedStatement delete =
        statements.prepare(connection, "DELETE FROM " + quoted + " WHERE segment = ?")) {
      delete.setString(1, of);
      delete.executeUpdate();
    }
  }

  private boolean isMissing(Connection connection) throws SQLException {
    return !exists && table.columns(connection, name).isEmpty();
  }
}
