package dev.ingest.jdbc;

import dev.ingest.record.FieldType;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.sql.Types;
import java.time.Duration;
import java.time.Instant;
import java.time.LocalDateTime;
import java.time.ZoneOffset;
import java.util.Locale;
import java.util.concurrent.TimeUnit;

/** What databases do not have in common. */
enum Dialect {
  H2("double precision", "varchar(1048576)", "timestamp(9) with time zone", "json", ""),
  MARIADB(
      "double",
      "longtext",
      "datetime(6)",
      "json",
      " ENGINE=InnoDB CHARACTER SET utf8mb4 COLLATE utf8mb4_bin"),
  /** Any other database: what SQL:1999 has, and times in UTC without their zone. */
  ANSI("double precision", "varchar(4000)", "timestamp(6)", "varchar(4000)", "");

  private static final long NANOS_PER_MICRO = 1_000;
  private static final long NANOS_PER_SECOND = 1_000_000_000;

  /** More than the largest INSERT. */
  private static final long LEAST_PACKET = 9 << 20;

  private static final String H2_LOCK_TIMEOUT = "HYT00";

  private static final String MARIADB_SETTINGS =
      "SELECT @@sql_mode, @@max_allowed_packet, (SELECT e.transactions FROM information_schema.tables t"
          + " JOIN information_schema.engines e ON e.engine = t.engine"
          + " WHERE t.table_schema = COALESCE(?, DATABASE()) AND t.table_name = ?)";

  private final String real;
  private final String text;
  private final String timestamp;
  private final String json;
  private final String tableOptions;

  Dialect(String real, String text, String timestamp, String json, String tableOptions) {
    this.real = real;
    this.text = text;
    this.timestamp = timestamp;
    this.json = json;
    this.tableOptions = tableOptions;
  }

  /** Returns the dialect of a product, as the driver names it. */
  static Dialect of(String product) {
    return switch (product) {
      case "H2" -> H2;
      case "MariaDB", "MySQL" -> MARIADB;
      default -> ANSI;
    };
  }

  /** Returns what is executed on each new connection; nothing if the database has no such time. */
  static String sessionSql(String url, Duration lockTimeout) {
    if (url.startsWith("jdbc:h2:")) {
      return "SET LOCK_TIMEOUT " + lockTimeout.toMillis();
    }
    if (url.startsWith("jdbc:mariadb:") || url.startsWith("jdbc:mysql:")) {
      return "SET SESSION innodb_lock_wait_timeout = " + Math.max(1, lockTimeout.toSeconds());
    }
    return "";
  }

  String columnType(FieldType type) {
    return switch (type) {
      case INTEGER -> "bigint";
      case REAL -> real;
      case TEXT -> text;
      case BOOLEAN -> "boolean";
      case TIMESTAMP -> timestamp;
      case JSON -> json;
    };
  }

  /** Returns what follows the columns of a new table. */
  String tableOptions() {
    return tableOptions;
  }

  /** Tells whether the schema in {@code schema.table} is what JDBC calls a catalog. */
  boolean hasCatalogs() {
    return this == MARIADB;
  }

  /** Returns a parameter for a column of a type, as the database names it. */
  String parameter(String columnType) {
    return this == H2 && columnType.equalsIgnoreCase("json") ? "? FORMAT JSON" : "?";
  }

  /**
   * Tells whether the wait for a lock was interrupted: H2 clears the flag of the waiting thread,
   * and reports that the time is over before it is.
   */
  boolean wasInterrupted(Connection connection, SQLException failure, long waitedNanos)
      throws SQLException {
    if (this != H2 || !Failures.state(failure).equals(H2_LOCK_TIMEOUT)) {
      return false;
    }
    try (Statement statement = connection.createStatement();
        ResultSet millis = statement.executeQuery("CALL LOCK_TIMEOUT()")) {
      return millis.next() && waitedNanos < TimeUnit.MILLISECONDS.toNanos(millis.getLong(1));
    }
  }

  /** Returns why a table is not safe to write to; nothing if it is. */
  String fault(Connection connection, TableName table) throws SQLException {
    if (this != MARIADB) {
      return "";
    }
    try (PreparedStatement statement = connection.prepareStatement(MARIADB_SETTINGS)) {
      statement.setString(1, table.schema().orElse(null));
      statement.setString(2, table.name());
      try (ResultSet settings = statement.executeQuery()) {
        settings.next();
        if (!settings.getString(1).contains("STRICT_")) {
          return "is written to without the sql_mode STRICT_TRANS_TABLES, so the server would alter"
              + " values that do not fit, and say nothing. Set it, as by the option"
              + " sessionVariables=sql_mode='STRICT_TRANS_TABLES'";
        }
        if (settings.getLong(2) < LEAST_PACKET) {
          return "cannot be sent 64 of the largest records at once, since max_allowed_packet is "
              + settings.getLong(2)
              + ": set at least "
              + LEAST_PACKET
              + " on the server";
        }
        return "NO".equals(settings.getString(3))
            ? "has a storage engine without transactions, so a batch that fails could not be taken"
                + " back. Alter the table to ENGINE=InnoDB"
            : "";
      }
    }
  }

  /** Returns why a column would alter the values of a field without a word; nothing if not. */
  String fault(FieldType type, String columnType) {
    return this == MARIADB
            && type == FieldType.TIMESTAMP
            && columnType.toLowerCase(Locale.ROOT).startsWith("timestamp")
        ? "which depends on the time zone of the session and ends in 2038: expected datetime(6)"
        : "";
  }

  /**
   * Returns a time for a column, to the nanosecond for H2 and otherwise rounded to the microsecond:
   * an OffsetDateTime if the column has a zone, or else the time in UTC.
   */
  Object time(long nanos, int columnType) {
    long unit = this == H2 ? 1 : NANOS_PER_MICRO;
    long units = Math.floorDiv(nanos, unit) + Math.floorMod(nanos, unit) * 2 / unit; // half up
    long unitsPerSecond = NANOS_PER_SECOND / unit;
    long second = Math.floorDiv(units, unitsPerSecond);
    int nano = (int) (Math.floorMod(units, unitsPerSecond) * unit);
    return columnType == Types.TIMESTAMP_WITH_TIMEZONE
        ? Instant.ofEpochSecond(second, nano).atOffset(ZoneOffset.UTC)
        : LocalDateTime.ofEpochSecond(second, nano, ZoneOffset.UTC);
  }

  Fault faultOf(SQLException failure) {
    String state = Failures.state(failure);
    return switch (this) {
      case H2 -> ofH2(state);
      case MARIADB -> ofMariaDb(state, Failures.origin(failure).getErrorCode());
      case ANSI -> Fault.ofState(state);
    };
  }

  /** By <a href="https://h2database.com/javadoc/org/h2/api/ErrorCode.html">H2's codes</a>. */
  private static Fault ofH2(String state) {
    return switch (state) {
      case H2_LOCK_TIMEOUT -> Fault.DATABASE;
      case "90044", "90105" -> Fault.STATEMENT; // a trigger or a function of the table's own
      default -> Fault.ofState(state);
    };
  }

  /**
   * By <a href="https://mariadb.com/kb/en/mariadb-error-code-reference/">MariaDB's codes</a>, since
   * HY000 is anything.
   */
  private static Fault ofMariaDb(String state, int code) {
    return switch (code) {
      case 1366, 3819, 4025 -> Fault.RECORDS; // a text that is none, CHECK
      case 1118, 1364, 1644 -> Fault.STATEMENT; // a row too long, no value, SIGNAL of a trigger
      case 1021, 1030, 1114, 1205, 1290, 1836 -> Fault.DATABASE; // disk, locks, read-only
      default -> state.equals("45000") ? Fault.STATEMENT : Fault.ofState(state);
    };
  }
}
