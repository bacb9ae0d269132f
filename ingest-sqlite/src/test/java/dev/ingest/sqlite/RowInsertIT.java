package dev.ingest.sqlite;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.ingest.IngestServer;
import dev.ingest.record.RecordBatch;
import dev.ingest.record.Schema;
import dev.ingest.testing.ChildJvm;
import dev.ingest.testing.TestBatch;
import host.ModulePathHost;
import java.io.File;
import java.nio.file.Path;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.util.List;
import java.util.function.BiFunction;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The two ways to bind values store the same. */
class RowInsertIT {
  private static final Schema SCHEMA =
      Schema.builder("t")
          .integer("i")
          .optional()
          .real("r")
          .optional()
          .text("s")
          .optional()
          .bool("b")
          .optional()
          .timestamp("t")
          .optional()
          .json("j")
          .optional()
          .build();

  private static final List<String> RECORDS =
      List.of(
          "{\"i\":9223372036854775807,\"r\":1.7976931348623157e308,\"s\":\"\",\"b\":true}",
          "{\"i\":-9223372036854775808,\"r\":-0.0,\"s\":\"gr\u00f6\u00dfer \ud83d\ude00\",\"b\":false}",
          "{\"i\":0,\"r\":4.9e-324,\"s\":\"a\\u0000b\",\"t\":1751715061.1234567,\"j\":[1, {}]}",
          "{}");

  @TempDir Path directory;

  @Test
  void the_driver_on_the_class_path_has_the_calls() {
    assertTrue(DriverInsert.isPossible());
  }

  @ParameterizedTest
  @ValueSource(strings = {"UTF-8", "UTF-16le"})
  void both_ways_store_the_same_bytes(String encoding) throws Exception {
    RecordBatch batch = new TestBatch(SCHEMA).of(RECORDS.toArray(String[]::new));
    try (Database database = new Database(directory.resolve("x.db"))) {
      database.execute("PRAGMA encoding = '" + encoding + "'");
      List<String> byJdbc = stored(database, "jdbc", JdbcInsert::new, batch);
      List<String> byDriver = stored(database, "driver", DriverInsert::new, batch);
      assertEquals(RECORDS.size(), byJdbc.size());
      assertEquals(byJdbc, byDriver);
    }
  }

  private static List<String> stored(
      Database database,
      String table,
      BiFunction<Schema, PreparedStatement, RowInsert> way,
      RecordBatch batch)
      throws SQLException {
    database.execute("CREATE TABLE " + table + " (i integer, r decimal, s text, b boolean, t, j)");
    try (PreparedStatement insert = insert(database, table)) {
      RowInsert rows = way.apply(SCHEMA, insert);
      for (int row = 0; row < batch.size(); row++) {
        rows.insert(batch, row, row + 1);
      }
    }
    return database.rows(
        Stream.of("i", "r", "s", "b", "t", "j")
            .map(column -> "typeof(" + column + "), hex(" + column + "), " + column)
            .collect(Collectors.joining(", ", "SELECT ", " FROM " + table + " ORDER BY rowid")));
  }

  private static PreparedStatement insert(Database database, String table) throws SQLException {
    return database
        .connection()
        .prepareStatement("INSERT INTO " + table + " VALUES (?, ?, ?, ?, ?, ?)");
  }

  @Test
  void both_ways_fail_with_the_same_error() throws Exception {
    RecordBatch batch = new TestBatch(SCHEMA).of(RECORDS.toArray(String[]::new));
    try (Database database = new Database(directory.resolve("x.db"))) {
      database.execute("CREATE TABLE few (i integer CHECK (i > 0), r, s, b, t, j)");
      SQLException byJdbc = failure(database, JdbcInsert::new, batch);
      SQLException byDriver = failure(database, DriverInsert::new, batch);
      assertEquals(byJdbc.toString(), byDriver.toString());
      assertEquals(byJdbc.getErrorCode(), byDriver.getErrorCode());
    }
  }

  private static SQLException failure(
      Database database, BiFunction<Schema, PreparedStatement, RowInsert> way, RecordBatch batch)
      throws SQLException {
    RowInsert closed;
    SQLException failure;
    try (PreparedStatement insert = insert(database, "few")) {
      RowInsert rows = way.apply(SCHEMA, insert);
      rows.insert(batch, 0, 1);
      failure = assertThrows(SQLException.class, () -> rows.insert(batch, 1, 2));
      closed = rows;
    }
    assertThrows(SQLException.class, () -> closed.insert(batch, 0, 1));
    return failure;
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"", "--add-opens=org.xerial.sqlitejdbc/org.sqlite.core=dev.ingest.sqlite"})
  void records_are_stored_by_a_server_on_the_module_path(String option) throws Exception {
    Path file = directory.resolve("module.db");
    ChildJvm.Launcher jvm =
        ChildJvm.in(directory)
            .modulePath(
                path(
                    IngestServer.class,
                    SqliteSinkProvider.class,
                    org.sqlite.JDBC.class,
                    tools.jackson.core.JsonParser.class))
            .options("--add-modules=dev.ingest.sqlite")
            .classPath(path(ModulePathHost.class));
    if (!option.isEmpty()) {
      jvm.options(option);
    }
    try (ChildJvm host = jvm.start(ModulePathHost.class, "sqlite:" + file)) {
      assertEquals(0, host.exitStatus(), host::toString);
      assertEquals(List.of("module dev.ingest.core"), host.outLines());
    }
    try (Database database = new Database(file)) {
      assertEquals(
          List.of("1|0.5|\u00e9|1", "2|-1.0e+300||null"), database.rows("SELECT * FROM t"));
    }
  }

  private static String path(Class<?>... types) throws Exception {
    StringBuilder path = new StringBuilder();
    for (Class<?> type : types) {
      path.append(path.isEmpty() ? "" : File.pathSeparator)
          .append(Path.of(type.getProtectionDomain().getCodeSource().getLocation().toURI()));
    }
    return path.toString();
  }
}
