package dev.ingest.jdbc;

import dev.ingest.jdbc.testing.PostgresDatabase;
import dev.ingest.jdbc.testing.PostgresServer;
import dev.ingest.sink.Sink;
import dev.ingest.sink.SinkConfig;
import dev.ingest.testkit.Deviation;
import dev.ingest.testkit.SinkContract;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;

/** The contract, with writes that are committed while their answer is lost. */
class PostgresContractIT extends SinkContract {
  PostgresDatabase database;
  CutProxy proxy;

  @BeforeEach
  void createDatabase() throws Exception {
    database = PostgresServer.shared().newDatabase();
    proxy = new CutProxy(database.port());
  }

  @AfterEach
  void dropDatabase() throws Exception {
    proxy.close();
    database.close();
  }

  @Override
  protected Sink newSink() {
    return sink(database.through(proxy.port()).sinkUri("contract", Writing.PATIENT));
  }

  @Override
  protected List<List<Object>> storedRows() throws SQLException {
    try (Connection connection = database.connect()) {
      return StoredRows.of(connection, "contract", SCHEMA);
    }
  }

  /** The columns are {@code timestamptz} and {@code jsonb}. */
  @Override
  protected Set<Deviation> deviations() {
    return Set.of(
        Deviation.TIMESTAMP_IN_MICROSECONDS,
        Deviation.JSON_IS_NORMALIZED,
        Deviation.NUL_IS_REFUSED);
  }

  @Override
  protected Sink sinkThatCannotOpen() {
    return sink(database.url() + "?user=" + database.user() + "&password=wrong&connectTimeout=5");
  }

  @Override
  protected AutoCloseable refuse(long id) throws SQLException {
    database.execute(
        "ALTER TABLE contract ADD CONSTRAINT refuse CHECK (id <> " + id + ") NOT VALID");
    return () -> database.execute("ALTER TABLE contract DROP CONSTRAINT refuse");
  }

  @Override
  protected AutoCloseable block() throws SQLException {
    Connection locker = database.connect();
    locker.setAutoCommit(false);
    try (Statement statement = locker.createStatement()) {
      statement.execute("LOCK TABLE contract");
    }
    return locker;
  }

  @Override
  protected boolean remembersPositions() {
    return true;
  }

  @Override
  protected void breakDuringCommit() throws Exception {
    proxy.cutAfter(1, CutProxy.Towards.CLIENT);
  }

  private static Sink sink(String uri) {
    return new JdbcSinkProvider().create(SinkConfig.parse(uri));
  }
}
