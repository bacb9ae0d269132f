package dev.ingest.kafka;

import java.nio.file.Path;
import org.junit.jupiter.api.io.TempDir;

/** Without transactions: S10 and S11 are skipped. */
class KafkaContractIT extends KafkaContract {
  @TempDir Path directory;

  @Override
  String options() throws Exception {
    return "properties="
        + TestSinks.properties(directory, "delivery.timeout.ms=600000\nmax.block.ms=600000\n");
  }

  @Override
  protected boolean block(boolean blocked) {
    if (blocked) {
      broker.freeze();
    } else {
      broker.thaw();
    }
    return true;
  }
}
