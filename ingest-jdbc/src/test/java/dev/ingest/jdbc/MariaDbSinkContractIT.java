package dev.ingest.jdbc;

import dev.ingest.sink.Sink;
import dev.ingest.sink.SinkConfig;
import dev.ingest.testkit.Deviation;
import java.nio.file.Path;
import java.util.Set;
import javax.sql.DataSource;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.io.TempDir;
import org.mariadb.jdbc.MariaDbDataSource;

class MariaDbSinkContractIT extends GenericSinkContract {
  @TempDir static Path directory;
  private static MariaDbServer server;

  MariaDbSinkContractIT() {
    super(BreakingSource.Outcome.COMMITTED_LATER); // the one that depends on the server's locks
  }

  @BeforeAll
  static void start() throws Exception {
    server = MariaDbServer.start(directory);
  }

  @AfterAll
  static void stop() throws Exception {
    if (server != null) {
      server.close();
    }
  }

  @Override
  DataSource database() throws Exception {
    server.execute("DROP TABLE IF EXISTS contract", "DROP TABLE IF EXISTS ingest_journal");
    MariaDbDataSource source = new MariaDbDataSource(server.url());
    source.setUser(server.user());
    source.setPassword(server.password());
    return source;
  }

  @Override
  protected Set<Deviation> deviations() {
    return Set.of(Deviation.TIMESTAMP_IN_MICROSECONDS, Deviation.ZERO_HAS_NO_SIGN);
  }

  @Override
  protected Sink sinkThatCannotOpen() {
    String uri = server.url() + "?user=" + server.user() + "&password=wrong";
    return new JdbcSinkProvider().create(SinkConfig.parse(uri));
  }

  @Override
  String waiting() {
    return "SELECT count(*) FROM information_schema.innodb_trx WHERE trx_state = 'LOCK WAIT'";
  }

  @Override
  String quoted(String name) {
    return '`' + name + '`';
  }
}
