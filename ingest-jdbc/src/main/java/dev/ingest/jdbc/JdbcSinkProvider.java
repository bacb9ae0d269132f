package dev.ingest.jdbc;

import dev.ingest.sink.Sink;
import dev.ingest.sink.SinkConfig;
import dev.ingest.sink.SinkProvider;
import java.util.Set;

/**
 * Serves the scheme {@code jdbc}. Found through {@link java.util.ServiceLoader}; there is no need
 * to use it directly. A host that has a pool of connections hands that to {@link JdbcSink} instead.
 *
 * <p>The URI is {@code jdbc:postgresql://HOST:PORT/DATABASE?option=value&option=value}, for
 * PostgreSQL 14 and later. The user is in the option {@code user}, never before the host. Options
 * of the sink:
 *
 * <table>
 *   <caption>Options of the URI</caption>
 *   <tr><th scope="col">option</th><th scope="col">default</th><th scope="col">values</th></tr>
 *   <tr><td>{@code table}</td><td>the schema's name</td><td>a table, or {@code schema.table}, exactly
 *       as it is written in the database</td></tr>
 *   <tr><td>{@code lock_timeout}</td><td>20000</td><td>1 to 3600000 ms: how long a statement waits for a
 *       lock that another session holds before the write counts as failed, and is retried</td></tr>
 *   <tr><td>{@code write_timeout}</td><td>60000</td><td>1 to 3600000 ms: how long the sink uses a
 *       connection at most. Then it has the statement cancelled, and a second later aborts the
 *       connection; the write counts as failed, and is retried</td></tr>
 *   <tr><td>{@code password}, {@code sslpassword}</td><td>none</td><td>the password itself;
 *       {@code file:PATH} for a file in UTF-8 that holds it, without one newline at its end, of at most
 *       64 KiB; {@code env:NAME} for a variable of the environment. Files and variables are read
 *       when the sink is opened</td></tr>
 * </table>
 *
 * <p>All others are <a href="https://jdbc.postgresql.org/documentation/use/">pgjdbc's</a>, such as
 * {@code user}, {@code sslmode} and {@code currentSchema}; one that it does not know is an error.
 * The sink sets some of them unless the URI does: {@code ApplicationName=ingest}, {@code
 * cancelSignalTimeout=2}, {@code connectTimeout=10}, {@code loginTimeout=10}, {@code
 * prepareThreshold=1}, {@code tcpKeepAlive=true}, and {@code socketTimeout=10} while connecting,
 * later ten seconds more than {@code write_timeout}. {@code preferQueryMode=simple} is refused.
 *
 * <p>The table is made if it is missing, with the columns {@code bigint} for INTEGER, {@code double
 * precision} for REAL, {@code text}, {@code boolean}, {@code timestamptz} for TIMESTAMP, and {@code
 * jsonb} for JSON. One that exists needs a column for every field, with the same name in the same
 * case; what it has besides must have a default or may be null. Its columns may also be:
 *
 * <ul>
 *   <li>for INTEGER {@code smallint}, {@code integer} or {@code numeric};
 *   <li>for REAL {@code real}, which rounds, or {@code numeric}, which is exact;
 *   <li>for TIMESTAMP {@code timestamp}, which is then in UTC;
 *   <li>for TEXT and JSON any type: a value is converted as PostgreSQL reads it, so that {@code
 *       json} keeps the text of JSON, and an enumeration takes its names.
 * </ul>
 *
 * <p>A domain counts as the type that it is made of. A value that does not fit is the record's
 * fault: a number that is out of range, a text that is too long. So is one for which a partitioned
 * table has no partition: give it a DEFAULT one.
 *
 * <p>Times are rounded to microseconds, half up. Numbers and text are stored as they are; text with
 * U+0000 is refused by PostgreSQL, so such a record is a dead letter. {@code jsonb} keeps a value
 * and not its text: of duplicate keys it keeps the last, it orders keys, and it refuses {@code
 * \u0000}, a lone surrogate and numbers beyond the range of {@code numeric} (131,072 digits before
 * the point). Where that matters, make the column {@code json} or {@code text}.
 *
 * <p>Each batch is one statement in a transaction of its own. A write that fails stores nothing; if
 * the connection broke, the database may have stored the batch all the same. Whose fault a failure
 * is, the class of its SQLSTATE tells:
 *
 * <ul>
 *   <li>22 and 23, values and constraints: the records', so no retry helps;
 *   <li>42, such as a table that was changed, a privilege that is missing, or a trigger that names
 *       a table which is not there: the write is retried, and makes or checks the table anew;
 *   <li>0A, 09, 21, 27, 2F, 38, 39, 44, 54 and P0, such as a trigger that raised an exception: the
 *       sink runs the statement without a row. If that works, a record is at fault. If not, as 42;
 *   <li>25, 40, 53 and 55, such as locks, deadlocks and a full disk: retried;
 *   <li>all others, such as a connection that broke or a server that shuts down: retried on another
 *       connection. They never make dead letters.
 * </ul>
 *
 * <p>A server with a spool and a journal stores each record exactly once: the positions in the
 * journal are stored in the table {@code ingest_journal} beside the records' table, by the same
 * statement, which stores nothing of a batch if one of its lines is there already. So it does no
 * harm if a statement whose outcome is not known takes effect later, even when the batch has been
 * written again by then. Without a journal batches have no positions, and one whose outcome was not
 * known may be stored twice.
 *
 * <p>{@code ingest_journal} has a row for each segment of the journal: its name, the ranges of its
 * lines that are stored, and when it was forgotten. A row is removed a day after that. To look at
 * the rows of the last minute, for a TIMESTAMP field {@code received_at}:
 *
 * <pre>{@code
 * SELECT * FROM sensor WHERE received_at > now() - interval '1 minute' ORDER BY received_at;
 * }</pre>
 *
 * <p>What is stored is as durable as the server makes it: {@code fsync} and {@code
 * synchronous_commit} must be {@code on}, as they are by default, or a crash of the server may take
 * the last records. The user needs {@code INSERT} on the table; of {@code ingest_journal} all of
 * {@code SELECT}, {@code INSERT}, {@code UPDATE} and {@code DELETE}; and {@code CREATE} on the
 * schema if one of the tables is missing. The server's encoding should be UTF8: what another one
 * lacks is refused.
 *
 * <p>The sink has one connection, in a HikariCP pool of its own. Waiting for one takes at most ten
 * seconds. An interrupt of the writer thread cancels the statement within 2 ms if that has been
 * running for 200 ms; a server that does not react to that within a second is left by aborting the
 * connection. HikariCP logs to slf4j under {@code com.zaxxer.hikari}, pgjdbc to {@code
 * java.util.logging} under {@code org.postgresql}.
 *
 * <p><b>Any other database</b> whose driver the host brings, by its URL without options, such as
 * {@code jdbc:mariadb://HOST/DATABASE?user=USER&password=file:PATH}: H2, MariaDB and MySQL 8 are
 * known, others get what SQL:1999 has. {@code jdbc:sqlite:} is refused in favour of the scheme
 * {@code sqlite}. Options that the driver does not list are an error, if it lists any; H2's does
 * not, and ignores what it does not know. {@code lock_timeout} is set for H2 and, in whole seconds,
 * for MariaDB and MySQL; others have their own. The same holds as for PostgreSQL, but for this:
 *
 * <ul>
 *   <li>Each batch is a transaction of INSERTs of up to 64 rows and 2,000 values. The table must
 *       have transactions, and in MariaDB and MySQL the sql_mode must be strict and {@code
 *       max_allowed_packet} at least 9 MiB, as they are by default; otherwise {@code open} fails.
 *   <li>The columns are {@code bigint}, {@code double precision}, {@code boolean}, and in H2 {@code
 *       varchar(1048576)}, {@code timestamp(9) with time zone} and {@code json}; in MariaDB and
 *       MySQL {@code longtext}, {@code datetime(6)} in UTC and {@code json}; elsewhere {@code
 *       varchar(4000)}, {@code timestamp(6)} in UTC, and {@code varchar(4000)} for JSON. A column
 *       of the type {@code timestamp} is refused in MariaDB and MySQL. A column that was made
 *       without quotes is found in spite of its case.
 *   <li>H2 keeps times to the nanosecond, the others to the microsecond, rounded half up. Of the
 *       records only what the column's own type rounds is rounded.
 *   <li>In MariaDB and MySQL the codes of errors count besides the SQLSTATE.
 *   <li>{@code ingest_journal} has a row for each range of lines, and one for each segment, on line
 *       -1, which each transaction updates first: so a transaction that was given up and is
 *       committed nevertheless comes before that of the next attempt, which then sees its lines.
 *       Forgotten segments are deleted at once.
 *   <li>H2 in the same process closes a database file when a thread that reads it is interrupted,
 *       as the writer thread is at the end of a drain timeout: name it {@code jdbc:h2:async:FILE},
 *       or run it as a server. It cannot abort a connection: a statement of H2 that does not heed
 *       its cancellation is waited for.
 * </ul>
 */
public final class JdbcSinkProvider implements SinkProvider {
  /** Makes a provider; for the ServiceLoader. */
  public JdbcSinkProvider() {}

  @Override
  public String scheme() {
    return "jdbc";
  }

  @Override
  public Set<String> publicOptions() {
    return JdbcConfig.PUBLIC_OPTIONS;
  }

  @Override
  public Sink create(SinkConfig config) {
    return JdbcSink.to(JdbcConfig.of(config));
  }
}
