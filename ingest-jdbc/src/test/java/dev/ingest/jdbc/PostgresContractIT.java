package dev.ingest.jdbc;

import dev.ingest.jdbc.testing.PostgresDatabase;
import dev.ingest.jdbc.testing.PostgresServer;
import dev.ingest.sink.Sink;
import dev.ingest.sink.SinkConfig;
import dev.ingest.testkit.SinkContract;
import java.sql.Connection;
import java.sql.Statement;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;

/** The contract, with writes that are committed while their answer is lost. */
class PostgresContractIT extends SinkContract {
  PostgresDatabase database;
  CutProxy proxy;
  private Connection locker;

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
  protected List<Long> storedIds() throws Exception {
    return database.rows("SELECT id FROM contract").stream().map(Long::valueOf).toList();
  }

  @Override
  protected Optional<Sink> sinkThatCannotOpen() {
    return Optional.of(
        sink(database.url() + "?user=" + database.user() + "&password=wrong&connectTimeout=5"));
  }

  @Override
  protected boolean refuse(long id, boolean refused) throws Exception {
    database.execute(
        refused
            ? "ALTER TABLE contract ADD CONSTRAINT refuse CHECK (id <> " + id + ") NOT VALID"
            : "ALTER TABLE contract DROP CONSTRAINT refuse");
    return true;
  }

  @Override
  protected boolean block(boolean blocked) throws Exception {
    if (blocked) {
      locker = database.connect();
      locker.setAutoCommit(false);
      try (Statement statement = locker.createStatement()) {
        statement.execute("LOCK TABLE contract");
      }
    } else {
      locker.close();
    }
    return true;
  }

  @Override
  protected boolean breakDuringCommit() throws Exception {
    proxy.cutAfter(1, CutProxy.Towards.CLIENT);
    return true;
  }

  private static Sink sink(String uri) {
    return new JdbcSinkProvider().create(SinkConfig.parse(uri));
  }
}
