package dev.ingest.jdbc;

import dev.ingest.jdbc.testing.PostgresDatabase;
import dev.ingest.jdbc.testing.PostgresServer;
import dev.ingest.sink.Sink;
import dev.ingest.sink.SinkConfig;
import dev.ingest.testkit.SinkContract;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;

class PostgresContractIT extends SinkContract {
  private PostgresDatabase database;

  @BeforeEach
  void createDatabase() throws Exception {
    database = PostgresServer.shared().newDatabase();
  }

  @AfterEach
  void dropDatabase() throws Exception {
    database.close();
  }

  @Override
  protected Sink newSink() {
    return sink(database.sinkUri("contract"));
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

  private static Sink sink(String uri) {
    return new JdbcSinkProvider().create(SinkConfig.parse(uri));
  }
}
