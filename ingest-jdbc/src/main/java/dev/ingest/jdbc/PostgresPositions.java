package dev.ingest.jdbc;

import dev.ingest.record.JournalPosition;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.BitSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Which lines of the server's journal are stored, in the table {@value #TABLE}: a row for each
 * segment, with the ranges of its lines.
 *
 * <p>A batch claims its lines by the statement that stores it: an upsert of the segment's row,
 * which does nothing if a line is there already. Whoever claims holds the lock on that row until
 * the end of its transaction, and whoever waits for it decides by what is there then, also at the
 * first claim, when both insert (PostgreSQL's manual, 13.2.1 and INSERT: ON CONFLICT). So of two
 * statements that claim the same line one stores nothing. What is stored is read by an upsert, too,
 * which waits for whoever is claiming.
 *
 * <p>A segment that is forgotten keeps its row for a day, so that a connection that was given up
 * and comes back to life finds it, and stores nothing.
 */
final class PostgresPositions {
  static final String TABLE = "ingest_journal";

  /** How many parameters {@link #claim} begins with. */
  static final int PARAMETERS = 3;

  private static final Pattern RANGE = Pattern.compile("\\[(\\d+),(\\d+)\\)");
  private static final String UNDEFINED_TABLE = "42P01";

  private final String table;
  private boolean exists;

  PostgresPositions(TableName name) {
    this.table = PostgresTable.quoted(name);
  }

  /**
   * Returns the beginning of a statement: the query {@code position} has a row if the lines are
   * claimed by it.
   */
  String claim() {
    exists = false; // or it may be the reason why the statement failed
    return "WITH position AS (INSERT INTO "
        + table
        + " AS j (segment, lines) VALUES (?, int8multirange(int8range(?, ?)))"
        + " ON CONFLICT (segment) DO UPDATE SET lines = j.lines + EXCLUDED.lines"
        + " WHERE NOT j.lines && EXCLUDED.lines AND j.forgotten_at IS NULL RETURNING 1) ";
  }

  void bind(PreparedStatement statement, JournalPosition position, int count) throws SQLException {
    statement.setString(1, position.segment());
    statement.setLong(2, position.line());
    statement.setLong(3, position.line() + count);
  }

  /** Makes the table if it is missing. Half of each page is left free for the next version. */
  void create(Connection connection) throws SQLException {
    if (exists) {
      return;
    }
    PostgresTable.createIfMissing(
        connection,
        table,
        "segment text PRIMARY KEY, lines int8multirange NOT NULL, forgotten_at timestamptz",
        " WITH (fillfactor = 50)");
    exists = true;
  }

  /** Returns the lines of a segment that are stored: none if it was forgotten. */
  BitSet stored(Connection connection, String segment) throws SQLException {
    BitSet lines = new BitSet();
    try {
      Matcher range = RANGE.matcher(lines(connection, segment));
      while (range.find()) {
        lines.set(Integer.parseInt(range.group(1)), Integer.parseInt(range.group(2)));
      }
    } catch (SQLException e) {
      if (!UNDEFINED_TABLE.equals(e.getSQLState())) {
        throw e;
      }
    }
    return lines;
  }

  /**
   * Returns which lines of a batch, counted from its first, are stored: all of them if the segment
   * was forgotten, which it is only when all of it is stored. Its file may come back at a power
   * loss.
   */
  BitSet stored(Connection connection, JournalPosition position, int count) throws SQLException {
    BitSet known = new BitSet();
    String lines = lines(connection, position.segment());
    if (lines.isEmpty()) {
      known.set(0, count);
      return known;
    }
    Matcher range = RANGE.matcher(lines);
    while (range.find()) {
      long from = Long.parseLong(range.group(1)) - position.line();
      long to = Long.parseLong(range.group(2)) - position.line();
      if (to > 0 && from < count) {
        known.set((int) Math.max(from, 0), (int) Math.min(to, count));
      }
    }
    return known;
  }

  /** Returns the ranges of a segment as text; nothing if it was forgotten. */
  private String lines(Connection connection, String segment) throws SQLException {
    String sql =
        "INSERT INTO "
            + table
            + " AS j (segment, lines) VALUES (?, '{}') ON CONFLICT (segment)"
            + " DO UPDATE SET lines = j.lines"
            + " RETURNING CASE WHEN forgotten_at IS NULL THEN lines::text ELSE '' END";
    try (PreparedStatement statement = connection.prepareStatement(sql)) {
      statement.setString(1, segment);
      try (ResultSet rows = statement.executeQuery()) {
        rows.next();
        return rows.getString(1);
      }
    }
  }

  /** Marks a segment as forgotten, and removes those that were a day ago. */
  void forget(Connection connection, String segment) throws SQLException {
    String sql =
        "WITH old AS (DELETE FROM "
            + table
            + " WHERE forgotten_at < now() - interval '1 day' AND segment <> ?) INSERT INTO "
            + table
            + " (segment, lines, forgotten_at) VALUES (?, '{}', now()) ON CONFLICT (segment)"
            + " DO UPDATE SET forgotten_at = now()";
    try (PreparedStatement statement = connection.prepareStatement(sql)) {
      statement.setString(1, segment);
      statement.setString(2, segment);
      statement.executeUpdate();
    } catch (SQLException e) {
      if (!UNDEFINED_TABLE.equals(e.getSQLState())) {
        throw e;
      }
    }
  }
}
