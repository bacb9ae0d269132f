package dev.ingest.jdbc;

import dev.ingest.record.Field;
import dev.ingest.record.Schema;
import dev.ingest.sink.SinkException;
import java.sql.Connection;
import java.sql.DatabaseMetaData;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * The table that a schema's records go to, in any database: makes it, or checks the one that is
 * there by what the driver knows of it.
 */
final class GenericTable {
  /**
   * A column of a table.
   *
   * @param type as in {@link java.sql.Types}
   * @param typeName as the database calls it
   * @param wanting whether it has no value unless it is given one
   */
  record Column(String name, int type, String typeName, boolean wanting) {
    @Override
    public String toString() {
      return name + " " + typeName;
    }
  }

  private final String database;
  private final Dialect dialect;
  private final TableName name;
  private final List<Field> fields;
  private final String quote;

  GenericTable(String database, Dialect dialect, TableName name, Schema schema, String quote) {
    this.database = database;
    this.dialect = dialect;
    this.name = name;
    this.fields = schema.fields();
    this.quote = quote;
  }

  TableName name() {
    return name;
  }

  List<Field> fields() {
    return fields;
  }

  /**
   * Makes or checks the table.
   *
   * @return the column of each field
   */
  List<Column> prepare(Connection connection) throws SQLException, SinkException {
    if (name.name().equalsIgnoreCase(GenericPositions.TABLE)) {
      throw Failures.ofJournalTable(database, name);
    }
    createIfMissing(
        connection,
        name,
        fields.stream()
            .map(field -> quoted(field.name()) + " " + dialect.columnType(field.type()))
            .collect(Collectors.joining(", ")));
    return check(columns(connection, name));
  }

  /** Makes a table; the SQL for that only names the columns, their types and keys. */
  void createIfMissing(Connection connection, TableName table, String columns) throws SQLException {
    if (!columns(connection, table).isEmpty()) {
      return;
    }
    try (Statement statement = connection.createStatement()) {
      statement.execute(
          "CREATE TABLE " + quoted(table) + " (" + columns + ")" + dialect.tableOptions());
    } catch (SQLException e) {
      if (columns(connection, table).isEmpty()) { // or somebody else has made it meanwhile
        throw e;
      }
    }
  }

  /** Returns the columns of a table; none if there is no such table. */
  List<Column> columns(Connection connection, TableName table) throws SQLException {
    DatabaseMetaData known = connection.getMetaData();
    String escape = known.getSearchStringEscape();
    String schema =
        table.schema().isPresent() || dialect.hasCatalogs()
            ? null
            : escaped(connection.getSchema(), escape);
    String catalog = connection.getCatalog();
    if (table.schema().isPresent()) {
      catalog = dialect.hasCatalogs() ? table.schema().get() : catalog;
      schema = dialect.hasCatalogs() ? null : escaped(table.schema().get(), escape);
    }
    List<Column> columns = new ArrayList<>();
    try (ResultSet found = known.getColumns(catalog, schema, escaped(table.name(), escape), null)) {
      while (found.next()) {
        boolean hasValue =
            found.getInt("NULLABLE") != DatabaseMetaData.columnNoNulls
                || found.getString("COLUMN_DEF") != null
                || "YES".equals(found.getString("IS_AUTOINCREMENT"))
                || "YES".equals(found.getString("IS_GENERATEDCOLUMN"));
        columns.add(
            new Column(
                found.getString("COLUMN_NAME"),
                found.getInt("DATA_TYPE"),
                found.getString("TYPE_NAME"),
                !hasValue));
      }
    }
    return columns;
  }

  private static @Nullable String escaped(@Nullable String pattern, String escape) {
    return pattern == null || escape.isEmpty()
        ? pattern
        : pattern
            .replace(escape, escape + escape)
            .replace("_", escape + "_")
            .replace("%", escape + "%");
  }

  /** Fails unless every record can go into the table, as far as its columns can tell. */
  private List<Column> check(List<Column> columns) throws SinkException {
    List<Column> taken = new ArrayList<>();
    for (Field field : fields) {
      Column column =
          find(columns, field.name())
              .orElseThrow(() -> wrongTable("has no column [" + field.name() + "]", columns));
      String fault = dialect.fault(field.type(), column.typeName);
      if (!fault.isEmpty()) {
        throw wrongTable("has the column [" + column + "], " + fault, columns);
      }
      taken.add(column);
    }
    for (Column column : columns) {
      if (column.wanting && !taken.contains(column)) {
        throw wrongTable(
            "needs a value for [" + column.name + "], which the schema does not have", columns);
      }
    }
    return taken;
  }

  /** A name that was not quoted when the table was made is in upper or lower case there. */
  private static Optional<Column> find(List<Column> columns, String name) {
    return columns.stream()
        .filter(column -> column.name.equals(name))
        .findFirst()
        .or(
            () ->
                columns.stream().filter(column -> column.name.equalsIgnoreCase(name)).findFirst());
  }

  private SinkException wrongTable(String what, List<Column> found) {
    return Failures.ofTable(database, name, what, found);
  }

  /** Returns the table as it stands in SQL. */
  String quoted() {
    return quoted(name);
  }

  String quoted(TableName table) {
    return table.quoted(quote);
  }

  String quoted(String text) {
    return TableName.quoted(text, quote);
  }
}
