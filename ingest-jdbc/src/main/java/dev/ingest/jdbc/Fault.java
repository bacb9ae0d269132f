package dev.ingest.jdbc;

/** Whose fault a failure of the database is, which tells what can be done about it. */
enum Fault {
  /** The table refuses a record: no retry helps. */
  RECORDS,
  /** The table, or what its triggers use, has changed: right once that is put right. */
  TABLE,
  /** The statement failed: the table may have changed, or its triggers may refuse a record. */
  STATEMENT,
  /** The database cannot do it now, such as for a lock: the same connection may later. */
  DATABASE,
  /** The connection is broken, or is not to be trusted any more: another one may do it. */
  CONNECTION;

  /**
   * Returns what a class of SQLSTATEs means, by the SQL standard and by PostgreSQL's <a
   * href="https://www.postgresql.org/docs/current/errcodes-appendix.html">appendix A</a>.
   *
   * @param sqlState five characters; anything else is taken for a broken connection, since a
   *     connection that fails in a way that nobody knows must not make dead letters
   */
  static Fault ofState(String sqlState) {
    return switch (sqlState.length() == 5 ? sqlState.substring(0, 2) : "") {
      case "22", "23" -> RECORDS;
      // Syntax or access. A trigger that names a missing table meets it only with a record.
      case "42" -> TABLE;
      // Not supported, cardinality, actions and routines of the table's own, WITH CHECK OPTION,
      // limits such as a row that is too long, RAISE EXCEPTION of a trigger.
      case "0A", "09", "21", "27", "2F", "38", "39", "44", "54", "P0" -> STATEMENT;
      // Transactions that meet, resources, locks.
      case "25", "40", "53", "55" -> DATABASE;
      default -> CONNECTION;
    };
  }
}
