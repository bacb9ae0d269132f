package dev.ingest.kafka;

import java.nio.file.Path;
import org.junit.jupiter.api.io.TempDir;

/** With transactions, and a broker that is frozen during a commit. */
class TransactionalContractIT extends KafkaContract {
  @TempDir Path directory;
  private final String id = TestSinks.name("server");

  @Override
  String options() throws Exception {
    return "transactional_id="
        + id
        + "&properties="
        + TestSinks.properties(directory, "delivery.timeout.ms=600000\nmax.block.ms=600000\n");
  }

  @Override
  protected boolean remembersPositions() {
    return true;
  }

  @Override
  protected void breakDuringCommit() {
    throw cannot("LostCommitContractIT does");
  }
}
