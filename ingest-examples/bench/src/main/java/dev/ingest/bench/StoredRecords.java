package dev.ingest.bench;

import java.io.IOException;
import java.sql.SQLException;

/** Reads what a program stores meanwhile. */
interface StoredRecords extends AutoCloseable {
  /** Returns the number of the last row. Since no row is ever deleted it is the number of rows. */
  long lastRow() throws IOException, SQLException;

  /** The number of some rows, and the sums of their columns. */
  record Sums(long rows, long sensorId, double temperature) {}

  /** Returns the sums of the rows after one. */
  Sums sumsAfter(long row) throws IOException, SQLException;

  @Override
  void close() throws SQLException;
}
