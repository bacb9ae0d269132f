package dev.ingest.jdbc;

import com.zaxxer.hikari.HikariDataSource;
import dev.ingest.sink.SinkException;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.Objects;
import java.util.function.Function;
import javax.sql.DataSource;
import org.jspecify.annotations.Nullable;

/**
 * Borrows a connection for each task, watches it, and gives it back as it was. A connection that is
 * broken or was stopped is aborted first, so that the pool closes it.
 */
final class Connections {
  /** What is done on a connection, which is in auto-commit mode. */
  interface Task {
    void run(Connection connection) throws SQLException, SinkException;
  }

  private final DataSource source;
  private final @Nullable HikariDataSource own;
  private final Watch watch;
  private final Function<SQLException, Fault> faults;

  private Connections(
      DataSource source,
      @Nullable HikariDataSource own,
      Watch watch,
      Function<SQLException, Fault> faults) {
    this.source = source;
    this.own = own;
    this.watch = watch;
    this.faults = faults;
  }

  /** Makes a pool, or uses the host's. */
  static Connections open(
      JdbcConfig config,
      @Nullable DataSource shared,
      Watch.Canceller canceller,
      Function<SQLException, Fault> faults)
      throws SQLException, SinkException {
    Watch watch = new Watch(config.writeTimeout(), canceller);
    try {
      HikariDataSource own = shared == null ? Pool.open(config) : null;
      DataSource source = own == null ? Objects.requireNonNull(shared) : own;
      return new Connections(source, own, watch, faults);
    } catch (Throwable t) {
      watch.close();
      throw t;
    }
  }

  /** Runs a task; blocks until there is a connection for it. */
  void use(Task task) throws SQLException, SinkException {
    if (Thread.currentThread().isInterrupted()) {
      throw new SQLException("the thread is interrupted", Failures.CANCELLED);
    }
    Loan loan = new Loan(source.getConnection());
    try {
      task.run(loan.take());
      loan.giveBack();
    } catch (Throwable failure) {
      loan.giveBack(failure);
      throw failure;
    }
  }

  /** Closes the pool that was made, and no other. */
  void close() {
    watch.close();
    if (own != null) {
      Pool.close(own);
    }
  }

  /** A connection that is borrowed, and the mode that it came in. */
  private final class Loan {
    private final Connection connection;
    private final Watch.Use use;
    private boolean wasAutoCommit = true;

    Loan(Connection connection) {
      this.connection = connection;
      this.use = watch.begin(connection);
    }

    Connection take() throws SQLException {
      wasAutoCommit = connection.getAutoCommit();
      if (!wasAutoCommit) {
        connection.setAutoCommit(true);
      }
      return connection;
    }

    /** After a success, which no failure here can undo: what is stored is stored. */
    void giveBack() {
      boolean stopped = use.end();
      try (connection) {
        if (stopped) {
          abort();
        } else if (!wasAutoCommit) {
          connection.setAutoCommit(false);
        }
      } catch (SQLException e) {
        // The pool finds out that the connection is broken.
      }
    }

    void giveBack(Throwable failure) {
      boolean stopped = use.end();
      try (connection) {
        if (stopped || isFaultOfConnection(failure)) {
          abort();
          return;
        }
        if (!connection.getAutoCommit()) {
          connection.rollback();
        }
        if (connection.getAutoCommit() != wasAutoCommit) {
          connection.setAutoCommit(wasAutoCommit);
        }
      } catch (SQLException e) {
        failure.addSuppressed(e);
      }
    }

    /** On this thread, so that the pool never sees it whole again: nobody holds it up any more. */
    private void abort() throws SQLException {
      connection.abort(Runnable::run);
    }

    private boolean isFaultOfConnection(Throwable failure) {
      return failure instanceof SQLException e
          ? faults.apply(e) == Fault.CONNECTION
          : !(failure instanceof SinkException);
    }
  }
}
