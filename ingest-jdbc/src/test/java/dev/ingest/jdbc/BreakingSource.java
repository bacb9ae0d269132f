package dev.ingest.jdbc;

import static org.awaitility.Awaitility.await;

import java.io.PrintWriter;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.lang.reflect.Proxy;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.logging.Logger;
import javax.sql.DataSource;

/**
 * Connections to a real database, one of which breaks when it is told to commit: the transaction is
 * real, only what the client learns of it is not.
 */
final class BreakingSource implements DataSource {
  /** What becomes of the transaction whose commit breaks. */
  enum Outcome {
    COMMITTED,
    /** The server goes on with it once somebody waits for its locks. */
    COMMITTED_LATER,
    ROLLED_BACK
  }

  private final DataSource real;
  private final String waiting;
  private final List<Thread> late = new CopyOnWriteArrayList<>();
  private volatile Outcome next;

  /**
   * Wraps a database.
   *
   * @param waiting a query that counts the sessions that wait for a lock
   */
  BreakingSource(DataSource real, String waiting) {
    this.real = real;
    this.waiting = waiting;
  }

  /** Breaks the next commit. */
  void breakCommit(Outcome outcome) {
    next = outcome;
  }

  /** Waits for transactions that are committed later. */
  void settle() throws InterruptedException {
    for (Thread thread : late) {
      thread.join();
    }
  }

  @Override
  public Connection getConnection() throws SQLException {
    return new Wire(real.getConnection()).proxy();
  }

  private final class Wire {
    private final Connection connection;
    private boolean cut;

    Wire(Connection connection) {
      this.connection = connection;
    }

    Connection proxy() {
      return (Connection)
          Proxy.newProxyInstance(
              BreakingSource.class.getClassLoader(),
              new Class<?>[] {Connection.class},
              (proxy, method, arguments) -> call(method, arguments));
    }

    private Object call(Method method, Object[] arguments) throws Throwable {
      if (cut) {
        if (method.getName().equals("close") || method.getName().equals("abort")) {
          return null; // nothing of it comes to the server
        }
        throw new SQLException("the connection is broken", "08003");
      }
      if (method.getName().equals("commit") && next != null) {
        breakCommit();
      }
      try {
        return method.invoke(connection, arguments);
      } catch (InvocationTargetException e) {
        throw e.getCause();
      }
    }

    private void breakCommit() throws SQLException {
      Outcome outcome = next;
      next = null;
      cut = true;
      switch (outcome) {
        case COMMITTED -> connection.commit();
        case ROLLED_BACK -> connection.rollback();
        case COMMITTED_LATER -> {
          Thread thread = new Thread(this::commitLate);
          thread.start();
          late.add(thread);
        }
      }
      if (outcome != Outcome.COMMITTED_LATER) {
        connection.close();
      }
      throw new SQLException("the connection broke", "08006");
    }

    private void commitLate() {
      try (connection;
          Connection other = real.getConnection();
          Statement statement = other.createStatement()) {
        await()
            .atMost(Duration.ofMinutes(1))
            .pollInterval(
                Duration.ofMillis(150)) // MariaDB answers anew after 100 ms without a question
            .until(
                () -> {
                  try (ResultSet rows = statement.executeQuery(waiting)) {
                    rows.next();
                    return rows.getInt(1) > 0;
                  }
                });
        connection.commit();
      } catch (SQLException e) {
        throw new IllegalStateException(e);
      }
    }
  }

  @Override
  public Connection getConnection(String user, String password) throws SQLException {
    throw new SQLException("not used");
  }

  @Override
  public PrintWriter getLogWriter() {
    return null;
  }

  @Override
  public void setLogWriter(PrintWriter out) {}

  @Override
  public void setLoginTimeout(int seconds) {}

  @Override
  public int getLoginTimeout() {
    return 0;
  }

  @Override
  public Logger getParentLogger() {
    return Logger.getGlobal();
  }

  @Override
  public <T> T unwrap(Class<T> type) throws SQLException {
    throw new SQLException("wraps nothing");
  }

  @Override
  public boolean isWrapperFor(Class<?> type) {
    return false;
  }
}
