package dev.ingest.sqlite;

import dev.ingest.sink.Sink;
import dev.ingest.sink.SinkConfig;
import dev.ingest.testkit.SinkContract;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.io.TempDir;

class SqliteSinkContractIT extends SinkContract {
  @TempDir Path directory;
  private Sink last;
  private Database locker;

  @Override
  protected Sink newSink() {
    last = sink(directory.resolve("contract.db"));
    return last;
  }

  @Override
  protected List<Long> storedIds() throws Exception {
    try (Database database = new Database(directory.resolve("contract.db"))) {
      return database.rows("SELECT id FROM contract").stream().map(Long::valueOf).toList();
    }
  }

  @Override
  protected Optional<Sink> sinkThatCannotOpen() {
    return Optional.of(sink(directory));
  }

  @Override
  protected boolean refuse(long id, boolean refused) throws Exception {
    try (Database database = new Database(directory.resolve("contract.db"))) {
      database.execute(
          refused
              ? "CREATE TRIGGER refuse BEFORE INSERT ON contract WHEN NEW.id = "
                  + id
                  + " BEGIN SELECT RAISE(ABORT, 'refused'); END"
              : "DROP TRIGGER refuse");
    }
    return true;
  }

  @Override
  protected boolean block(boolean blocked) throws Exception {
    if (blocked) {
      locker = new Database(directory.resolve("contract.db"));
      locker.execute("BEGIN IMMEDIATE");
    } else {
      locker.close();
    }
    return true;
  }

  @Override
  protected boolean breakDuringCommit() throws Exception {
    BrokenCommit.of(last);
    return true;
  }

  private static Sink sink(Path file) {
    return new SqliteSinkProvider()
        .create(SinkConfig.parse("sqlite:" + file + "?busy_timeout=3600000"));
  }
}
