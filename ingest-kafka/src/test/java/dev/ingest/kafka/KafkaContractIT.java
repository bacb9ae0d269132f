package dev.ingest.kafka;

import java.nio.file.Path;
import org.junit.jupiter.api.io.TempDir;

/** Without transactions, so without positions. */
class KafkaContractIT extends KafkaContract {
  @TempDir Path directory;

  @Override
  String options() throws Exception {
    return "properties="
        + TestSinks.properties(directory, "delivery.timeout.ms=600000\nmax.block.ms=600000\n");
  }
}
