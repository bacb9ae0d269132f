package dev.ingest.sqlite;

import dev.ingest.sink.SinkConfig;
import java.nio.file.Path;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * A checked URI of the sink. The database is named as in messages: a file, or a place in memory.
 * The file is what SQLite makes if there is none; empty if that is none, or not known. The place is
 * where the database is on disk, whoever makes it; empty if it is not on disk.
 */
record SqliteConfig(
    String database,
    String jdbcUrl,
    Optional<Path> file,
    Optional<Path> place,
    boolean inMemory,
    String journalMode,
    String synchronous,
    int busyTimeoutMillis,
    Optional<String> table) {

  private static final Set<String> OPTIONS =
      Set.of("journal_mode", "synchronous", "busy_timeout", "table");

  /** All options: none of them holds a secret. */
  static final Set<String> ALL_OPTIONS =
      Stream.concat(OPTIONS.stream(), DatabaseName.PARAMETERS.stream())
          .collect(Collectors.toUnmodifiableSet());

  /** Without 'off': then nothing can be rolled back, and a refused record can ruin the database. */
  private static final Set<String> JOURNAL_MODES =
      Set.of("wal", "delete", "truncate", "persist", "memory");

  private static final Set<String> SYNCHRONOUS = Set.of("off", "normal", "full", "extra");
  private static final int DEFAULT_BUSY_TIMEOUT_MILLIS = 20_000;
  private static final int MAX_BUSY_TIMEOUT_MILLIS = 3_600_000;

  static SqliteConfig of(SinkConfig uri) {
    DatabaseName name = DatabaseName.of(uri);
    uri.requireKnownOptions(name.isUriFilename() ? ALL_OPTIONS : OPTIONS);
    String database = name.withParameters(uri);
    boolean inMemory =
        name.isInMemory() || uri.option("mode").filter("memory"::equalsIgnoreCase).isPresent();
    return new SqliteConfig(
        database,
        "jdbc:sqlite:" + database,
        name.file(uri),
        inMemory ? Optional.empty() : name.place(),
        inMemory,
        uri.choice("journal_mode", "wal", JOURNAL_MODES),
        uri.choice("synchronous", "normal", SYNCHRONOUS),
        uri.integer(
            "busy_timeout",
            DEFAULT_BUSY_TIMEOUT_MILLIS,
            0,
            MAX_BUSY_TIMEOUT_MILLIS,
            "milliseconds"),
        uri.text("table"));
  }

  /** Tells whether WAL mode has a -shm file: this one VFS keeps what is in it on the heap. */
  boolean hasSharedMemory() {
    return !database.contains("vfs=unix-excl");
  }
}
