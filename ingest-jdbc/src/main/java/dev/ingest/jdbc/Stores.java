package dev.ingest.jdbc;

import dev.ingest.record.Schema;
import dev.ingest.sink.SinkException;
import java.sql.Connection;
import java.sql.SQLException;

/** Chooses how to write to a database, by the name of the product. */
final class Stores {
  private Stores() {}

  static Store of(Connection connection, String database, TableName table, Schema schema)
      throws SQLException, SinkException {
    String product = connection.getMetaData().getDatabaseProductName();
    if (product.equals("PostgreSQL")) {
      return PostgresStore.of(connection, database, table, schema);
    }
    if (product.equals("SQLite")) {
      throw SinkException.permanent(
          database + ": is a SQLite database: use the scheme sqlite, as in sqlite:sensors.db");
    }
    return GenericStore.of(connection, database, table, schema);
  }
}
