package dev.ingest.sqlite;

import java.util.concurrent.TimeUnit;

/**
 * Watches the length of the -wal file. SQLite moves what it holds to the database each 1,000 pages,
 * but not beyond what the oldest reader still sees, so one long read transaction makes it grow
 * without a limit. Afterwards SQLite uses the file again and leaves its length, unless {@code
 * journal_size_limit} is set: then the first commit that begins at its start cuts it (<a
 * href="https://sqlite.org/pragma.html#pragma_journal_size_limit">PRAGMA journal_size_limit</a>, <a
 * href="https://sqlite.org/wal.html#avoiding_excessively_large_wal_files">large WAL files</a>).
 */
final class LogLength {
  /** In bytes: some 16 times what a checkpoint of 1,000 pages of 4 KiB needs. */
  static final long LIMIT = 64L << 20;

  private static final long INTERVAL_NANOS = TimeUnit.MINUTES.toNanos(10);

  private boolean hasWarned;
  private long warnedNanos;

  /** Logs a warning if the file is too long, at most once in ten minutes. */
  void check(OpenFiles files) {
    if (files.walSize() <= LIMIT) {
      return;
    }
    long now = System.nanoTime();
    if (!hasWarned || now - warnedNanos >= INTERVAL_NANOS) {
      hasWarned = true;
      warnedNanos = now;
      Notices.warn(
          files.wal()
              + " has "
              + files.walSize()
              + " bytes, and SQLite cannot move what it holds to the database: a connection has a"
              + " long read transaction (or a SELECT that is not read to its end). The file grows"
              + " until that ends: end it. The file is then cut to "
              + LIMIT
              + " bytes");
    }
  }
}
