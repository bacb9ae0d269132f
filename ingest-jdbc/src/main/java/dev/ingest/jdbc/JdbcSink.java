package dev.ingest.jdbc;

import dev.ingest.record.RecordBatch;
import dev.ingest.record.Schema;
import dev.ingest.sink.Sink;
import dev.ingest.sink.SinkException;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.List;
import java.util.Objects;
import javax.sql.DataSource;
import org.jspecify.annotations.Nullable;

/**
 * Stores records in a database, through a pool of connections of the host's. {@link
 * JdbcSinkProvider} says what is stored and what is promised; a sink with a pool of its own is made
 * from a URI.
 *
 * <p>A connection is borrowed for each batch and given back in the mode that it was in, at the
 * latest a minute later; the DataSource is never closed. It should hand out connections that can
 * write, and heed an interrupt and have a limit of time while it waits for one, as HikariCP does. A
 * connection that is broken, or on which a statement had to be stopped, is aborted before it is
 * given back, so that the pool replaces it.
 */
public final class JdbcSink implements Sink {
  private final @Nullable DataSource shared;
  private JdbcConfig config;
  private @Nullable Connections connections;
  private volatile @Nullable Store store;
  private boolean prepared;
  private String table = "";

  /** Segments of the journal that are to be forgotten: more than one only after failures. */
  private final List<String> forgotten = new ArrayList<>();

  private JdbcSink(@Nullable DataSource shared, JdbcConfig config) {
    this.shared = shared;
    this.config = config;
  }

  /** Makes a sink with a pool of its own. */
  static JdbcSink to(JdbcConfig config) {
    return new JdbcSink(null, config);
  }

  /**
   * Makes a sink that borrows its connections.
   *
   * @param source the host's pool; the sink needs one connection at a time
   * @return a sink that writes to the table with the schema's name
   */
  public static JdbcSink to(DataSource source) {
    return new JdbcSink(Objects.requireNonNull(source, "source"), JdbcConfig.ofSharedPool());
  }

  /**
   * Names the table. This sink is not changed.
   *
   * @param name the table, or {@code schema.table}, exactly as it is written in the database
   * @return a new sink that writes to it
   * @throws IllegalArgumentException if the name, or a part of it, is blank
   */
  public JdbcSink table(String name) {
    TableName.parse(name);
    return new JdbcSink(shared, config.withTable(name));
  }

  @Override
  public void open(Schema schema) throws SinkException {
    TableName name =
        config.table().map(TableName::parse).orElseGet(() -> TableName.of(schema.name()));
    table = name.toString();
    try {
      connections = Connections.open(config, shared, this::cancel, this::faultOf);
      connections.use(
          connection -> {
            config = config.ofDatabase(connection);
            store = Stores.of(connection, config.database(), name, schema);
            prepare(connection);
          });
    } catch (SQLException e) {
      close();
      throw Failures.ofOpen(config.database(), e);
    } catch (Throwable t) {
      close();
      throw t;
    }
  }

  @Override
  public void write(RecordBatch batch) throws SinkException {
    try {
      connections().use(connection -> write(connection, batch));
    } catch (SQLException e) {
      throw Failures.ofWrite(config.database(), table, e);
    }
  }

  /** Only what the statement itself meets can be the records' fault. */
  private void write(Connection connection, RecordBatch batch) throws SQLException, SinkException {
    if (!prepared) {
      prepare(connection);
    }
    try {
      store().write(connection, batch);
    } catch (SQLException e) {
      Fault fault = faultOf(e);
      if (fault == Fault.RECORDS
          || (fault == Fault.STATEMENT && canWriteNothing(connection, batch, e))) {
        throw Failures.ofRecords(config.database(), table, e);
      }
      prepared = fault != Fault.STATEMENT && fault != Fault.TABLE;
      throw e;
    }
  }

  /** Tells whether the statement is right for the table as it is now, and for its triggers. */
  private boolean canWriteNothing(Connection connection, RecordBatch batch, SQLException failure) {
    try {
      store().writeNothing(connection, batch);
      return true;
    } catch (SQLException e) {
      failure.addSuppressed(e);
      return false;
    }
  }

  private void prepare(Connection connection) throws SQLException, SinkException {
    store().prepare(connection);
    prepared = true;
  }

  @Override
  public BitSet stored(String segment) throws SinkException {
    try {
      BitSet lines = new BitSet();
      connections().use(connection -> lines.or(store().stored(connection, segment)));
      return lines;
    } catch (SQLException e) {
      throw Failures.ofPositions(config.database(), e);
    }
  }

  @Override
  public void forget(String segment) throws SinkException {
    forgotten.add(segment);
    try {
      connections()
          .use(
              connection -> {
                while (!forgotten.isEmpty()) {
                  store().forget(connection, forgotten.get(0));
                  forgotten.remove(0);
                }
              });
    } catch (SQLException e) {
      throw Failures.ofWrite(config.database(), table, e);
    }
  }

  @Override
  public void close() {
    if (connections != null) {
      connections.close();
      connections = null;
    }
    store = null;
    prepared = false;
  }

  private Fault faultOf(SQLException failure) {
    Store current = store;
    return current == null ? Fault.CONNECTION : current.faultOf(failure);
  }

  /** Called on a thread of the watch. */
  private void cancel(Connection connection) throws SQLException {
    Store current = store;
    if (current != null) {
      current.cancel(connection);
    }
  }

  private Connections connections() {
    return Objects.requireNonNull(connections, "not open");
  }

  private Store store() {
    return Objects.requireNonNull(store, "not open");
  }
}
