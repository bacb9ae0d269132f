package dev.ingest.jdbc;

import static org.awaitility.Awaitility.await;

import java.util.List;

/** The contract, with writes that reach the server only after they were written again. */
class PostgresLateCommitContractIT extends PostgresContractIT {
  private List<Long> before = List.of();

  @Override
  protected void breakDuringCommit() throws Exception {
    before = database.backends("true");
    proxy.holdNext();
  }

  @Override
  protected void settle() throws Exception {
    proxy.release();
    await()
        .atMost(Writing.SOON)
        .until(() -> database.backends("true").stream().noneMatch(before::contains));
  }
}
