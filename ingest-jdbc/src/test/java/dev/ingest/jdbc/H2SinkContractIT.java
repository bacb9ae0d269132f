package dev.ingest.jdbc;

import dev.ingest.sink.Sink;
import dev.ingest.testkit.Deviation;
import java.util.Set;
import java.util.UUID;
import javax.sql.DataSource;
import org.h2.jdbcx.JdbcDataSource;
import org.junit.jupiter.api.Nested;

class H2SinkContractIT {
  private abstract static class H2 extends GenericSinkContract {
    H2(BreakingSource.Outcome outcome) {
      super(outcome);
    }

    private static DataSource source(String settings) {
      JdbcDataSource source = new JdbcDataSource();
      source.setURL("jdbc:h2:mem:" + UUID.randomUUID() + ";LOCK_TIMEOUT=60000;" + settings);
      return source;
    }

    @Override
    DataSource database() {
      return source("DB_CLOSE_DELAY=-1");
    }

    @Override
    protected Set<Deviation> deviations() {
      return Set.of(Deviation.JSON_IS_NORMALIZED, Deviation.ZERO_HAS_NO_SIGN);
    }

    @Override
    protected Sink sinkThatCannotOpen() {
      return JdbcSink.to(source("IFEXISTS=TRUE"));
    }

    @Override
    String waiting() {
      return "SELECT count(*) FROM information_schema.sessions WHERE blocker_id IS NOT NULL";
    }

    @Override
    String quoted(String name) {
      return '"' + name + '"';
    }
  }

  @Nested
  class WithACommitThatIsReportedAsFailed extends H2 {
    WithACommitThatIsReportedAsFailed() {
      super(BreakingSource.Outcome.COMMITTED);
    }
  }

  @Nested
  class WithACommitThatComesLater extends H2 {
    WithACommitThatComesLater() {
      super(BreakingSource.Outcome.COMMITTED_LATER);
    }
  }

  @Nested
  class WithACommitThatIsLost extends H2 {
    WithACommitThatIsLost() {
      super(BreakingSource.Outcome.ROLLED_BACK);
    }
  }
}
