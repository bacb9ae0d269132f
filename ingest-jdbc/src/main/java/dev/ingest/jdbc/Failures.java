package dev.ingest.jdbc;

import dev.ingest.sink.SinkException;
import java.sql.SQLException;
import java.sql.SQLTransientConnectionException;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Tells what failed: where, what the database said, and what to do about it. */
final class Failures {
  /** query_canceled, of PostgreSQL's SQLSTATEs. */
  static final String CANCELLED = "57014";

  private Failures() {}

  /** Returns the failure of a write that a record is at fault for, so that no retry helps. */
  static SinkException ofRecords(String database, String table, SQLException cause) {
    return SinkException.permanent(
        database + ": cannot write to the table '" + table + "': " + text(cause), cause);
  }

  /** Returns the failure of a write that may succeed later. */
  static SinkException ofWrite(String database, String table, SQLException cause) {
    return SinkException.retryable(
        database
            + ": cannot write to the table '"
            + table
            + "': "
            + text(cause)
            + remedy(cause)
            + outcome(cause),
        cause);
  }

  /** A connection that could not be made has stored nothing. */
  private static String outcome(SQLException failure) {
    String state = state(failure);
    return !(failure instanceof SQLTransientConnectionException) // a pool's, that could make none
            && state.startsWith("08")
            && !state.equals("08001")
            && !state.equals("08004")
        ? ". The connection broke, so it is not known whether the batch is stored"
        : "";
  }

  static SinkException ofOpen(String database, SQLException cause) {
    return SinkException.retryable(
        database + ": cannot open it for writing: " + text(cause) + remedy(cause), cause);
  }

  /** Returns why positions cannot be read; a retry may help. */
  static SinkException ofPositions(String database, SQLException cause) {
    return SinkException.retryable(
        database + ": cannot read what is stored of the journal: " + text(cause) + remedy(cause),
        cause);
  }

  /** A retry may help: it is not the records' fault, and can be put right meanwhile. */
  static SinkException ofTable(String database, TableName name, String what, List<?> columns) {
    return SinkException.retryable(
        database
            + ": the table '"
            + name
            + "' "
            + what
            + ". Its columns are "
            + columns
            + "; expected one for every field of the schema, of a type that takes its values, and a"
            + " default or null for any other. Change the table or the schema, or name another"
            + " table with the option table");
  }

  /** Returns why records cannot go into the table of positions. */
  static SinkException ofJournalTable(String database, TableName name) {
    return SinkException.permanent(
        database
            + ": the table '"
            + name
            + "' is where the sink notes what it has stored of a journal. Name another one");
  }

  /** Returns what the driver said first: a pool adds what the connection that it wanted met. */
  static SQLException origin(SQLException failure) {
    SQLException origin = failure;
    while (origin.getCause() instanceof SQLException cause) {
      origin = cause;
    }
    return origin;
  }

  private static String text(SQLException failure) {
    SQLException origin = origin(failure);
    return origin == failure ? line(failure) : line(failure) + ": " + line(origin);
  }

  private static String line(SQLException failure) {
    return String.valueOf(failure.getMessage())
        .strip()
        .replaceAll("\\s*\\R\\s*", "; ")
        .replaceFirst("\\.+$", "");
  }

  /** Returns the five characters, or nothing if there are none. */
  static String state(SQLException failure) {
    @Nullable String state = origin(failure).getSQLState();
    return state == null ? "" : state;
  }

  private static String remedy(SQLException failure) {
    if (Thread.currentThread().isInterrupted()) {
      return ". The thread was interrupted";
    }
    return switch (state(failure)) {
      case "3D000" -> ". Create the database, or name another one";
      case "3F000" -> ". Create the schema, or name another one";
      case "53300" -> ". Raise the server's limit of connections, or end some";
      case "53100" -> ". Make room on the server's disk";
      case "55P03" ->
          ". Another session holds the lock: end its transaction, or raise the option lock_timeout";
      case CANCELLED ->
          ". It took longer than the option write_timeout or the server's statement_timeout allows,"
              + " or somebody cancelled it: find out what holds the server up";
      case "25006" ->
          ". Name a server that can be written to, with a user for whom it is not" + " read-only";
      case "42501" -> ". Give the user the privilege, such as INSERT on the table";
      default -> remedyOfClass(state(failure));
    };
  }

  private static String remedyOfClass(String state) {
    return switch (state.length() == 5 ? state.substring(0, 2) : "") {
      case "08", "57" -> ". Start the server, or correct host and port";
      case "28" -> ". Correct the user, the password, or who the server lets in";
      default -> "";
    };
  }
}
