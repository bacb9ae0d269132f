package dev.ingest.jdbc;

import dev.ingest.record.Field;
import dev.ingest.record.FieldType;
import dev.ingest.record.Schema;
import dev.ingest.sink.SinkException;
import java.nio.charset.StandardCharsets;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.stream.Collectors;

/** The table that a schema's records go to: makes it, or checks the one that is there. */
final class PostgresTable {
  private static final String QUOTE = "\"";

  /** NAMEDATALEN is 64: the server would cut off what is longer. */
  private static final int MAX_NAME_BYTES = 63;

  /** Each column with its type, the type that a domain stands for, and what it wants. */
  private static final String COLUMNS =
      """
      WITH RECURSIVE found AS (
          SELECT attnum, attname, atttypid, atttypid AS base,
              attnotnull AND NOT atthasdef AND attidentity = '' AS wanting,
              attgenerated <> '' OR attidentity = 'a' AS generated
            FROM pg_attribute
            WHERE attrelid = to_regclass(?) AND attnum > 0 AND NOT attisdropped
        UNION ALL
          SELECT attnum, attname, atttypid, typbasetype, wanting, generated
            FROM found JOIN pg_type t ON t.oid = base AND typtype = 'd')
      SELECT attname, format_type(atttypid, -1), format_type(base, -1), wanting, generated
        FROM found JOIN pg_type t ON t.oid = base AND typtype <> 'd' ORDER BY attnum
      """;

  private static final Set<String> TEXT_TYPES = Set.of("text", "character varying", "bpchar");

  /** A column of the table. */
  private record Column(String name, String type, String base, boolean wanting, boolean generated) {
    @Override
    public String toString() {
      return name + " " + type;
    }
  }

  private final String database;
  private final TableName name;
  private final List<Field> fields;

  PostgresTable(String database, TableName name, Schema schema) {
    this.database = database;
    this.name = name;
    this.fields = schema.fields();
  }

  List<Field> fields() {
    return fields;
  }

  /**
   * Makes or checks the table.
   *
   * @return for each field its value as SQL, of the unnested array c0, c1 and so on
   */
  List<String> prepare(Connection connection) throws SQLException, SinkException {
    checkNames();
    createIfMissing(
        connection,
        quoted(),
        fields.stream()
            .map(field -> quoted(field.name()) + " " + columnType(field.type()))
            .collect(Collectors.joining(", ")),
        "");
    List<Column> columns = columns(connection);
    check(columns);
    Map<String, Column> byName = new HashMap<>();
    columns.forEach(column -> byName.put(column.name, column));
    List<String> values = new ArrayList<>();
    for (int i = 0; i < fields.size(); i++) {
      values.add(
          value(
              fields.get(i).type(),
              "c" + i,
              Objects.requireNonNull(byName.get(fields.get(i).name()))));
    }
    return values;
  }

  private void checkNames() throws SinkException {
    if (name.name().equals(PostgresPositions.TABLE)) {
      throw Failures.ofJournalTable(database, name);
    }
    List<String> names = new ArrayList<>(fields.stream().map(Field::name).toList());
    names.add(name.name());
    name.schema().ifPresent(names::add);
    for (String text : names) {
      if (text.getBytes(StandardCharsets.UTF_8).length > MAX_NAME_BYTES) {
        throw SinkException.permanent(
            database
                + ": the name '"
                + text
                + "' is too long: expected at most "
                + MAX_NAME_BYTES
                + " bytes in UTF-8, since PostgreSQL cuts off what is longer");
      }
    }
  }

  /** Not by IF NOT EXISTS, for which the user would need the right to create tables. */
  static void createIfMissing(Connection connection, String table, String columns, String storage)
      throws SQLException {
    if (exists(connection, table)) {
      return;
    }
    try (Statement statement = connection.createStatement()) {
      statement.execute("CREATE TABLE " + table + " (" + columns + ")" + storage);
    } catch (SQLException e) {
      if (!exists(connection, table)) { // somebody else may have made it meanwhile
        throw e;
      }
    }
  }

  private static boolean exists(Connection connection, String table) throws SQLException {
    try (PreparedStatement statement =
        connection.prepareStatement("SELECT to_regclass(?) IS NOT NULL")) {
      statement.setString(1, table);
      try (ResultSet rows = statement.executeQuery()) {
        rows.next();
        return rows.getBoolean(1);
      }
    }
  }

  private List<Column> columns(Connection connection) throws SQLException {
    List<Column> columns = new ArrayList<>();
    try (PreparedStatement statement = connection.prepareStatement(COLUMNS)) {
      statement.setString(1, quoted());
      try (ResultSet rows = statement.executeQuery()) {
        while (rows.next()) {
          columns.add(
              new Column(
                  rows.getString(1),
                  rows.getString(2),
                  rows.getString(3),
                  rows.getBoolean(4),
                  rows.getBoolean(5)));
        }
      }
    }
    return columns;
  }

  /** Fails unless every record can go into the table, as far as its columns can tell. */
  private void check(List<Column> columns) throws SinkException {
    Map<String, FieldType> types =
        fields.stream().collect(Collectors.toMap(Field::name, Field::type));
    List<String> missing = new ArrayList<>(fields.stream().map(Field::name).toList());
    for (Column column : columns) {
      FieldType type = types.get(column.name);
      missing.remove(column.name);
      if (type == null && column.wanting) {
        throw wrongTable(
            "needs a value for [" + column.name + "], which the schema does not have", columns);
      }
      if (type != null && column.generated) {
        throw wrongTable("gives [" + column.name + "] a value of its own", columns);
      }
      if (type != null && !takes(type, column.base)) {
        throw wrongTable("has the wrong type for [" + column.name + "], which is " + type, columns);
      }
    }
    if (!missing.isEmpty()) {
      throw wrongTable("has no column " + missing, columns);
    }
  }

  private SinkException wrongTable(String what, List<Column> found) {
    return Failures.ofTable(database, name, what, found);
  }

  /** Tells whether a column takes every value of a field that is in its range, and alters none. */
  private static boolean takes(FieldType type, String column) {
    return switch (type) {
      case INTEGER -> Set.of("bigint", "integer", "smallint", "numeric").contains(column);
      case REAL -> Set.of("double precision", "real", "numeric").contains(column);
      case BOOLEAN -> column.equals("boolean");
      case TIMESTAMP -> column.startsWith("timestamp with");
      case TEXT, JSON -> true; // whatever has a form as text
    };
  }

  /**
   * Returns a value as its column takes it. The length or precision of a type is not part of it,
   * since a cast cuts off what an assignment refuses.
   */
  private static String value(FieldType type, String value, Column column) {
    return switch (type) {
      case INTEGER, BOOLEAN -> value;
      // As text it has all its digits, otherwise fifteen.
      case REAL -> column.base.equals("numeric") ? value + "::text::numeric" : value;
      case TIMESTAMP ->
          column.base.equals("timestamp with time zone") ? value : value + " AT TIME ZONE 'UTC'";
      case TEXT, JSON -> TEXT_TYPES.contains(column.base) ? value : value + "::" + column.type;
    };
  }

  private static String columnType(FieldType type) {
    return switch (type) {
      case INTEGER -> "bigint";
      case REAL -> "double precision";
      case TEXT -> "text";
      case BOOLEAN -> "boolean";
      case TIMESTAMP -> "timestamptz";
      case JSON -> "jsonb";
    };
  }

  /** Returns the table as it stands in SQL. */
  String quoted() {
    return quoted(name);
  }

  static String quoted(TableName name) {
    return name.quoted(QUOTE);
  }

  static String quoted(String name) {
    return TableName.quoted(name, QUOTE);
  }
}
