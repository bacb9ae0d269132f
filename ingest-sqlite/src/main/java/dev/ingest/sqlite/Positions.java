package dev.ingest.sqlite;

import dev.ingest.record.JournalPosition;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.BitSet;
import org.jspecify.annotations.Nullable;

/**
 * Which lines of the server's journal are stored, in the table {@value #TABLE}: a row for each
 * range of lines of a segment, in the same transaction as the records. So the two never disagree,
 * and a server that was killed learns from it what to leave out.
 *
 * <p>Batches mostly follow one another in the journal, so the range stored last is known and
 * prolonged. After a failure nothing is known: SQLite may have reported an error for a commit that
 * is on disk nevertheless, so the first time the table is asked. The batch that then comes need not
 * be the one that failed: what is replayed from the spool may begin on the same line and be longer.
 */
final class Positions {
  static final String TABLE = "ingest_journal";

  private static final String CREATE =
      "CREATE TABLE IF NOT EXISTS "
          + TABLE
          + " (segment TEXT NOT NULL, first INTEGER NOT NULL, count INTEGER NOT NULL,"
          + " PRIMARY KEY (segment, first)) WITHOUT ROWID";

  private static final BitSet NONE = new BitSet();

  private final Connection connection;
  private @Nullable PreparedStatement prolong;

  // The range stored last, what it becomes with the commit, and the next one of its segment.
  private @Nullable String segment;
  private long first;
  private long end;
  private long nextStored;

  Positions(Connection connection) {
    this.connection = connection;
  }

  /**
   * Writes down in the open transaction that lines are stored.
   *
   * @return which of them, counted from the first, had been stored before; only to be read
   */
  BitSet add(JournalPosition position, int count) throws SQLException {
    if (position.segment().equals(segment) && position.line() == end && count <= nextStored - end) {
      prolong(count);
      return NONE;
    }
    execute(CREATE);
    BitSet known = known(position, count);
    segment = null;
    for (int from = known.nextClearBit(0); from < count; ) {
      int next = known.nextSetBit(from);
      int to = next < 0 ? count : next;
      insert(position, from, to);
      from = known.nextClearBit(to);
    }
    return known;
  }

  private void insert(JournalPosition position, int from, int to) throws SQLException {
    try (PreparedStatement insert =
        connection.prepareStatement("INSERT INTO " + TABLE + " VALUES (?, ?, ?)")) {
      insert.setString(1, position.segment());
      insert.setLong(2, position.line() + from);
      insert.setInt(3, to - from);
      insert.executeUpdate();
    }
    segment = position.segment();
    first = position.line() + from;
    end = position.line() + to;
    nextStored = nextStored(end);
  }

  private void prolong(int count) throws SQLException {
    PreparedStatement update = prolong;
    if (update == null) {
      update =
          connection.prepareStatement(
              "UPDATE " + TABLE + " SET count = ? WHERE segment = ? AND first = ?");
      prolong = update;
    }
    update.setLong(1, end + count - first);
    update.setString(2, segment);
    update.setLong(3, first);
    update.executeUpdate();
    end += count;
  }

  /** Returns which lines, counted from a position, are stored. */
  private BitSet known(JournalPosition position, int count) throws SQLException {
    BitSet known = new BitSet();
    try (PreparedStatement select =
        connection.prepareStatement(
            "SELECT max(first - ?2, 0), min(first + count - ?2, ?3) FROM "
                + TABLE
                + " WHERE segment = ?1 AND first < ?2 + ?3 AND first + count > ?2")) {
      select.setString(1, position.segment());
      select.setLong(2, position.line());
      select.setInt(3, count);
      try (ResultSet rows = select.executeQuery()) {
        while (rows.next()) {
          known.set(rows.getInt(1), rows.getInt(2));
        }
      }
    }
    return known;
  }

  /** The first line, from one of the segment on, that is stored. */
  private long nextStored(long line) throws SQLException {
    try (PreparedStatement select =
        connection.prepareStatement(
            "SELECT min(first) FROM " + TABLE + " WHERE segment = ? AND first >= ?")) {
      select.setString(1, segment);
      select.setLong(2, line);
      try (ResultSet next = select.executeQuery()) {
        long stored = next.getLong(1);
        return next.wasNull() ? Long.MAX_VALUE : stored;
      }
    }
  }

  /** The lines of a segment that are stored. */
  static BitSet stored(Connection connection, String segment) throws SQLException {
    BitSet lines = new BitSet();
    if (!exists(connection)) {
      return lines;
    }
    try (PreparedStatement select =
        connection.prepareStatement("SELECT first, count FROM " + TABLE + " WHERE segment = ?")) {
      select.setString(1, segment);
      try (ResultSet rows = select.executeQuery()) {
        while (rows.next()) {
          lines.set(rows.getInt(1), rows.getInt(1) + rows.getInt(2));
        }
      }
    }
    return lines;
  }

  /** Forgets segments, in the open transaction. */
  static void forget(Connection connection, Iterable<String> segments) throws SQLException {
    if (!exists(connection)) {
      return;
    }
    try (PreparedStatement delete =
        connection.prepareStatement("DELETE FROM " + TABLE + " WHERE segment = ?")) {
      for (String segment : segments) {
        delete.setString(1, segment);
        delete.executeUpdate();
      }
    }
  }

  private static boolean exists(Connection connection) throws SQLException {
    try (Statement statement = connection.createStatement();
        ResultSet tables =
            statement.executeQuery(
                "SELECT 1 FROM sqlite_master WHERE type = 'table' AND name = '" + TABLE + "'")) {
      return tables.next();
    }
  }

  private void execute(String sql) throws SQLException {
    try (Statement statement = connection.createStatement()) {
      statement.execute(sql);
    }
  }

  /** Closes the statement; a failure of that is added to the one it follows. */
  void close(Throwable failure) {
    try {
      if (prolong != null) {
        prolong.close();
      }
    } catch (SQLException e) {
      failure.addSuppressed(e);
    }
  }
}
