package dev.ingest.sqlite;

import dev.ingest.sink.Sink;
import dev.ingest.sink.SinkConfig;
import dev.ingest.sink.SinkProvider;
import java.util.Set;

/**
 * Serves the scheme {@code sqlite}. Found through {@link java.util.ServiceLoader}; there is no need
 * to use it directly.
 *
 * <p>The path of the URI names the database:
 *
 * <ul>
 *   <li>{@code sqlite:sensors.db}, {@code sqlite:/var/lib/sensors.db}: a file, made if it is
 *       missing, in a folder that exists. A name that begins with {@code //} is refused. It is made
 *       with the mode 0600 whatever the umask, and SQLite's files beside it have its mode; one that
 *       exists keeps its own;
 *   <li>{@code sqlite::memory:}: a database in memory, gone at the close;
 *   <li>{@code sqlite:file:sensors?mode=memory&cache=shared}: a database in memory that other
 *       connections of this process see, and any other <a href="https://sqlite.org/uri.html">URI
 *       filename</a> of SQLite, with its parameters {@code cache}, {@code immutable}, {@code mode},
 *       {@code nolock}, {@code psow} and {@code vfs}.
 * </ul>
 *
 * <p>Options:
 *
 * <table>
 *   <caption>Options of the URI</caption>
 *   <tr><th scope="col">option</th><th scope="col">default</th><th scope="col">values</th></tr>
 *   <tr><td>{@code journal_mode}</td><td>{@code wal}</td><td>{@code wal}, {@code delete}, {@code truncate},
 *       {@code persist}, {@code memory}; a database in memory has {@code memory} whatever is set. {@code off}
 *       is refused: a batch that fails could not be rolled back</td></tr>
 *   <tr><td>{@code synchronous}</td><td>{@code normal}</td><td>{@code off}, {@code normal}, {@code full},
 *       {@code extra}. With {@code normal} and WAL a loss of power may take the last transactions, a crash of
 *       the process does not</td></tr>
 *   <tr><td>{@code busy_timeout}</td><td>20000</td><td>0 to 3600000 ms: how long to wait for the lock that
 *       another connection holds before the write counts as failed, and is retried</td></tr>
 *   <tr><td>{@code table}</td><td>the schema's name</td><td>any name that is not blank</td></tr>
 * </table>
 *
 * <p>The table is made if it is missing, with the columns {@code integer}, {@code decimal} for
 * REAL, {@code text}, {@code boolean} (0 or 1) and {@code timestamp} (seconds since 1970, as a
 * number). One that exists needs a column for every field; what it has besides must have a default
 * or may be null. Numbers are stored bit for bit, with the exception of SQLite's own for {@code
 * decimal} and {@code timestamp}: a number without a fraction becomes an integer of the same value,
 * so -0.0 becomes 0.
 *
 * <p>Each batch is one transaction. A write that fails stores nothing. It is retried unless a
 * record is at fault, which the table's constraints or expressions refuse: a lock, a full disk,
 * even a damaged file can be put right while the records wait. Several processes may write to the
 * same file.
 *
 * <p>Before each commit the sink looks whether the files that SQLite has open still have their
 * names, where the file system has file keys, as all on Linux and macOS do. If the database was
 * deleted, moved or replaced, nothing is stored until it is back. If only the {@code -wal} or
 * {@code -shm} file was, the sink moves what was in it into the database, logs a warning, and
 * stores the batch. If another program has written to the database meanwhile, that would damage it:
 * then the sink leaves the database as that program has made it, and logs an error with the number
 * of rows that are gone. The same happens at the close. A process that is killed between the
 * removal and the next batch loses what was stored since the last checkpoint.
 *
 * <p>The host must not open the files of the database ({@code FILE}, {@code -wal}, {@code -shm},
 * {@code -journal}) by other means than SQLite, not even to copy or read them: a process that
 * closes any descriptor of a file loses all of its locks on it, and SQLite's with them (<a
 * href="https://sqlite.org/howtocorrupt.html">How to corrupt a SQLite database</a>, 2.2). To copy a
 * database while it is open, use {@code VACUUM INTO} or SQLite's backup.
 *
 * <p>The {@code -wal} file is cut to 64 MiB after it had to grow. While it is longer, since a
 * connection reads in one long transaction, the sink logs a warning, at most once in ten minutes.
 *
 * <p>SQLite is native code, which sqlite-jdbc copies into the directory that the system property
 * {@code org.sqlite.tmpdir} names, or else {@code java.io.tmpdir}, and loads from there. The first
 * sink of a JVM removes from it what killed JVMs of the same user left, if it is older than two
 * minutes. The logger is {@code dev.ingest.sqlite}.
 */
public final class SqliteSinkProvider implements SinkProvider {
  /** Makes a provider; for the ServiceLoader. */
  public SqliteSinkProvider() {}

  @Override
  public String scheme() {
    return "sqlite";
  }

  @Override
  public Set<String> publicOptions() {
    return SqliteConfig.ALL_OPTIONS;
  }

  @Override
  public Sink create(SinkConfig config) {
    return new SqliteSink(SqliteConfig.of(config));
  }
}
