package dev.ingest.sqlite;

import dev.ingest.record.Field;
import dev.ingest.record.FieldType;
import dev.ingest.record.Schema;
import dev.ingest.sink.SinkException;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;

/** The table that a schema's records go to: makes it, or checks the one that is there. */
final class Table {
  private Table() {}

  static void create(Connection connection, String name, Schema schema) throws SQLException {
    String columns =
        schema.fields().stream()
            .map(field -> quoted(field.name()) + " " + columnType(field.type()))
            .collect(Collectors.joining(", "));
    try (Statement statement = connection.createStatement()) {
      statement.execute("CREATE TABLE IF NOT EXISTS " + quoted(name) + " (" + columns + ")");
    }
  }

  /**
   * The columns, and whether each needs a value: SQLite itself gives one to an INTEGER PRIMARY KEY
   * that stands for the rowid, and to no other key.
   */
  private static final String COLUMNS =
      "SELECT name, \"notnull\" AND dflt_value IS NULL AND NOT"
          + " (pk = 1 AND type = 'integer' COLLATE NOCASE"
          + " AND (SELECT count(*) FROM pragma_table_info(?1) WHERE pk > 0) = 1"
          + " AND (SELECT wr = 0 FROM pragma_table_list"
          + " WHERE schema = 'main' AND name = ?1 COLLATE NOCASE))"
          + " FROM pragma_table_info(?1)";

  /** Fails unless every record can go into the table, as far as its columns can tell. */
  static void check(Connection connection, String database, String name, Schema schema)
      throws SQLException, SinkException {
    checkDistinct(database, schema);
    List<String> found = new ArrayList<>();
    List<String> wanting = new ArrayList<>();
    try (PreparedStatement statement = connection.prepareStatement(COLUMNS)) {
      statement.setString(1, name);
      try (ResultSet columns = statement.executeQuery()) {
        while (columns.next()) {
          String column = columns.getString(1);
          found.add(column);
          if (columns.getBoolean(2) && schema.fields().stream().noneMatch(f -> isSame(f, column))) {
            wanting.add(column);
          }
        }
      }
    }
    List<String> missing =
        schema.fields().stream()
            .filter(field -> found.stream().noneMatch(column -> isSame(field, column)))
            .map(Field::name)
            .toList();
    if (!missing.isEmpty()) {
      throw wrongTable(database, name, "has no column " + missing, found);
    }
    if (!wanting.isEmpty()) {
      throw wrongTable(
          database,
          name,
          "needs a value for " + wanting + ", which the schema does not have",
          found);
    }
  }

  /** SQLite would store one of two fields that it takes for the same column, and drop the other. */
  private static void checkDistinct(String database, Schema schema) throws SinkException {
    Map<String, String> names = new HashMap<>();
    for (Field field : schema.fields()) {
      String other = names.put(lowerCase(field.name()), field.name());
      if (other != null) {
        throw SinkException.permanent(
            "SQLite database "
                + database
                + ": the fields '"
                + other
                + "' and '"
                + field.name()
                + "' are the same column. Expected names that differ by more than upper and lower"
                + " case");
      }
    }
  }

  /**
   * Fails if nothing can be written, which BEGIN does not tell: on a read-only database it begins
   * reading.
   */
  static void checkWritable(Connection connection, String name) throws SQLException {
    try (Statement statement = connection.createStatement()) {
      statement.execute("DELETE FROM " + quoted(name) + " WHERE 0");
    }
  }

  /** A retry may help: it is not the records' fault, and can be put right meanwhile. */
  private static SinkException wrongTable(
      String database, String table, String what, List<String> found) {
    return SinkException.retryable(
        "SQLite database "
            + database
            + ": the table '"
            + table
            + "' "
            + what
            + ". Its columns are "
            + found
            + "; expected one for every field of the schema, and a default or null for any other. Change the"
            + " table or the schema, or name another table with the option table");
  }

  private static boolean isSame(Field field, String column) {
    return lowerCase(field.name()).equals(lowerCase(column));
  }

  /** As SQLite compares names: without regard to the case of ASCII letters, and of no others. */
  private static String lowerCase(String name) {
    StringBuilder lower = new StringBuilder(name);
    for (int i = 0; i < lower.length(); i++) {
      char c = lower.charAt(i);
      if (c >= 'A' && c <= 'Z') {
        lower.setCharAt(i, (char) (c + ('a' - 'A')));
      }
    }
    return lower.toString();
  }

  private static String columnType(FieldType type) {
    return switch (type) {
      case INTEGER -> "integer";
      case REAL -> "decimal";
      case TEXT, JSON -> "text";
      case BOOLEAN -> "boolean";
      case TIMESTAMP -> "timestamp";
    };
  }

  /** A name as it stands in SQL: plain ones as they are, others in quotes. */
  static String quoted(String name) {
    return name.matches("[A-Za-z][A-Za-z0-9]*(_[A-Za-z0-9]+)+")
        ? name // with an underscore inside it is no keyword
        : '"' + name.replace("\"", "\"\"") + '"';
  }
}
