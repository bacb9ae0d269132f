package dev.ingest.sqlite;

import dev.ingest.sink.SinkException;
import java.sql.SQLException;
import org.sqlite.SQLiteErrorCode;
import org.sqlite.SQLiteException;

/**
 * What SQLite's failures mean, by its <a href="https://sqlite.org/rescode.html">result codes</a>.
 */
final class Failures {
  private Failures() {}

  /** Returns the failure of a write that a record is at fault for, so that no retry helps. */
  static SinkException ofRecords(String database, String table, SQLException cause) {
    return SinkException.permanent(cannotWrite(database, table, cause), cause);
  }

  /** Returns the failure of a write that may succeed later. */
  static SinkException ofWrite(SqliteConfig config, String table, SQLException cause) {
    return SinkException.retryable(
        cannotWrite(config.database(), table, cause) + place(config, cause), cause);
  }

  private static String cannotWrite(String database, String table, SQLException cause) {
    return "SQLite database "
        + database
        + ": cannot write to the table '"
        + table
        + "': "
        + cause.getMessage()
        + remedy(cause);
  }

  static SinkException ofOpen(SqliteConfig config, SQLException cause) {
    return SinkException.retryable(
        "SQLite database "
            + config.database()
            + ": cannot open it for writing: "
            + cause.getMessage()
            + remedy(cause)
            + place(config, cause),
        cause);
  }

  /** Tells whether the table refuses a record. */
  static boolean isFaultOfRecords(SQLException cause) {
    return switch (primaryCode(cause)) {
      case SQLITE_CONSTRAINT, SQLITE_MISMATCH, SQLITE_TOOBIG, SQLITE_RANGE -> true;
      default -> false;
    };
  }

  /**
   * Tells whether it is the statement that failed: because the table has changed, or because an
   * expression of the table's own, such as a generated column or a trigger, failed for a record.
   */
  static boolean isFaultOfStatement(SQLException cause) {
    return primaryCode(cause) == SQLiteErrorCode.SQLITE_ERROR;
  }

  /** Tells whether another connection may do what this one cannot. */
  static boolean isFaultOfConnection(SQLException cause) {
    return switch (primaryCode(cause)) {
      case SQLITE_IOERR,
          SQLITE_CORRUPT,
          SQLITE_NOTADB,
          SQLITE_CANTOPEN,
          SQLITE_READONLY,
          SQLITE_PROTOCOL ->
          true;
      default -> false;
    };
  }

  static boolean isBusy(SQLException cause) {
    return primaryCode(cause) == SQLiteErrorCode.SQLITE_BUSY;
  }

  private static String remedy(SQLException cause) {
    return switch (primaryCode(cause)) {
      case SQLITE_BUSY, SQLITE_LOCKED ->
          Thread.currentThread().isInterrupted()
              ? ". The wait for another connection's lock was interrupted"
              : ". Another connection holds the lock: end its transaction, or raise the option busy_timeout";
      case SQLITE_READONLY, SQLITE_PERM ->
          ". Give this process write permission on the file and its folder";
      case SQLITE_CANTOPEN ->
          ". Expected a file, or a new one in a folder that exists and can be written to";
      case SQLITE_NOTADB -> ". Expected a SQLite database or no file at all: name another file";
      case SQLITE_CORRUPT -> ". The file is damaged: restore it, or name another file";
      case SQLITE_FULL -> ". Make room on the disk";
      default -> "";
    };
  }

  /** Where the file is, and what is wrong with that: SQLite does not tell. */
  private static String place(SqliteConfig config, SQLException cause) {
    return switch (primaryCode(cause)) {
      case SQLITE_CANTOPEN ->
          config.place().map(file -> ": " + DatabaseFile.faultOfPlace(file)).orElse("");
      case SQLITE_READONLY, SQLITE_PERM, SQLITE_NOTADB ->
          config.place().map(file -> ": " + file.toAbsolutePath()).orElse("");
      default -> "";
    };
  }

  /** The code without what extends it, which stands in its higher bits. */
  private static SQLiteErrorCode primaryCode(SQLException cause) {
    return cause instanceof SQLiteException e
        ? SQLiteErrorCode.getErrorCode(e.getResultCode().code & 0xff)
        : SQLiteErrorCode.getErrorCode(cause.getErrorCode() & 0xff);
  }
}
