package dev.ingest.bench;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.ingest.kafka.testing.KafkaBroker;
import dev.ingest.testing.ChildJvm;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class KafkaCostIT {
  private static final Path JAR = Path.of("target", "ingest-bench.jar").toAbsolutePath();

  @TempDir Path directory;

  @Test
  void each_way_to_send_is_measured_and_no_server_loses_anything() throws Exception {
    KafkaBroker broker = KafkaBroker.shared();
    broker.createTopic("cost", 1);
    try (ChildJvm program =
        ChildJvm.in(directory)
            .withoutOptions()
            .classPath(JAR.toString())
            .start(
                KafkaCost.class,
                "--bootstrap=" + broker.bootstrap(),
                "--topic=cost",
                "--with=transactional_id=ID",
                "--records=8192",
                "--turns=1",
                "--rate=1000",
                "--warm-up=1",
                "--seconds=1")) {
      assertEquals(0, program.exitStatus(), program::toString);
      program.awaitOut("^kafka-producer-perf-test +[0-9,]+ +[0-9.]+$");
      program.awaitOut("^sink, batches of 4096 transactional_id=ID +[0-9,]+ +[0-9.]+$");
      program.awaitOut("^server transactional_id=ID +.* lost: 0$");
    }
  }
}
