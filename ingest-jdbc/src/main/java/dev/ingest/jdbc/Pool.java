package dev.ingest.jdbc;

import com.zaxxer.hikari.HikariConfig;
import com.zaxxer.hikari.HikariDataSource;
import com.zaxxer.hikari.pool.HikariPool;
import dev.ingest.sink.SinkException;
import java.io.PrintWriter;
import java.sql.Connection;
import java.sql.Driver;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.sql.SQLFeatureNotSupportedException;
import java.time.Duration;
import java.util.Properties;
import java.util.logging.Logger;
import javax.sql.DataSource;
import org.jspecify.annotations.Nullable;

/**
 * The sink's own pool: one connection, checked after a pause and replaced when it breaks or is half
 * an hour old. The pool prints its settings at the level DEBUG, all of the driver's properties but
 * the password among them, so it is given a DataSource that keeps them to itself.
 */
final class Pool {
  /** How long the writer waits for a connection before the write counts as failed. */
  private static final Duration CONNECTION_TIMEOUT = Duration.ofSeconds(10);

  /** How long the check of a connection may take, during which no interrupt is heeded. */
  private static final Duration VALIDATION_TIMEOUT = Duration.ofSeconds(1);

  /** How long the close waits for a connection that is being made. */
  private static final Duration CLOSE_TIMEOUT = Duration.ofSeconds(2);

  /**
   * The server finds out within two minutes that a client is gone, not only after the two hours of
   * its system: until then a statement that has not heard of its end would keep its locks.
   */
  private static final String POSTGRES_SESSION =
      "SET tcp_keepalives_idle = 60; SET tcp_keepalives_interval = 10; SET tcp_keepalives_count = 6;"
          + " SET idle_in_transaction_session_timeout = 60000; SET lock_timeout = ";

  private Pool() {}

  /** Makes the pool and its connection. */
  static HikariDataSource open(JdbcConfig config) throws SQLException, SinkException {
    HikariConfig settings = new HikariConfig();
    settings.setPoolName("ingest-jdbc");
    settings.setDataSource(new DriverSource(driver(config), config, config.driverProperties()));
    settings.setMaximumPoolSize(1);
    settings.setConnectionTimeout(CONNECTION_TIMEOUT.toMillis());
    settings.setValidationTimeout(VALIDATION_TIMEOUT.toMillis());
    if (config.isPostgres()) {
      settings.setConnectionInitSql(POSTGRES_SESSION + config.lockTimeout().toMillis());
    } else {
      settings.setConnectionInitSql(Dialect.sessionSql(config.url(), config.lockTimeout()));
    }
    try {
      return new HikariDataSource(settings);
    } catch (HikariPool.PoolInitializationException e) {
      throw e.getCause() instanceof SQLException cause ? cause : new SQLException(e);
    }
  }

  /** Closes the pool, also if the thread is interrupted: then it would leave threads behind. */
  static void close(HikariDataSource pool) {
    boolean interrupted = Thread.interrupted();
    try {
      if (pool.getDataSource() instanceof DriverSource source) {
        source.closed = true;
      }
      pool.close();
    } finally {
      if (interrupted) {
        Thread.currentThread().interrupt();
      }
    }
  }

  private static Driver driver(JdbcConfig config) throws SinkException {
    try {
      return DriverManager.getDriver(config.url());
    } catch (SQLException e) {
      throw SinkException.retryable(
          config.database()
              + ": no JDBC driver takes its URL: correct that, or add the driver to the class path",
          e);
    }
  }

  /** Hands the driver its properties, and shows them to nobody else. */
  private static final class DriverSource implements DataSource {
    private final Driver driver;
    private final JdbcConfig config;
    private final Properties properties;
    private volatile boolean closed;

    DriverSource(Driver driver, JdbcConfig config, Properties properties) {
      this.driver = driver;
      this.config = config;
      this.properties = properties;
    }

    @Override
    public Connection getConnection() throws SQLException {
      Connection connection = driver.connect(config.url(), properties);
      if (connection == null) {
        throw new SQLException("the driver does not take the URL " + config.url(), "08001");
      }
      if (closed) {
        connection.close(); // the pool would leave open what comes after its end
        throw new SQLException("the sink was closed meanwhile", "08003");
      }
      if (config.setsNetworkTimeout()) {
        // More than the sink lets pass, so that this is left for what the sink does not see.
        int millis = Math.toIntExact(config.writeTimeout().plusSeconds(10).toMillis());
        connection.setNetworkTimeout(Runnable::run, millis);
      }
      return connection;
    }

    @Override
    public Connection getConnection(String user, String password) throws SQLException {
      throw new SQLFeatureNotSupportedException("the user is in the properties");
    }

    @Override
    public @Nullable PrintWriter getLogWriter() {
      return null;
    }

    @Override
    public void setLogWriter(PrintWriter out) {
      // Nothing is printed.
    }

    @Override
    public void setLoginTimeout(int seconds) {
      // The driver has its own, among its properties.
    }

    /** What the pool's close waits for, and nothing else. */
    @Override
    public int getLoginTimeout() {
      return (int) CLOSE_TIMEOUT.toSeconds();
    }

    @Override
    public Logger getParentLogger() throws SQLFeatureNotSupportedException {
      return driver.getParentLogger();
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
}
