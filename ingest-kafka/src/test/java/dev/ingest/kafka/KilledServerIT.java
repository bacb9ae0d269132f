package dev.ingest.kafka;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.ingest.kafka.testing.KafkaBroker;
import dev.ingest.testing.ChildJvm;
import host.LoadProgram;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.ThreadLocalRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A server that is killed (SIGKILL) while it stores, and started again. */
class KilledServerIT {
  private static final int KILLS = 2;

  /** More than a round can send. */
  private static final long ROUND = 100_000_000;

  @TempDir Path directory;

  @Test
  void each_record_that_was_in_the_journal_is_stored_exactly_once() throws Exception {
    KafkaBroker broker = KafkaBroker.shared();
    String topic = TestSinks.name("killed");
    broker.createTopic(topic, 3);
    String uri = "kafka:" + broker.bootstrap() + "/" + topic + "?transactional_id=" + topic;
    for (int round = 0; round <= KILLS; round++) {
      try (ChildJvm server =
          ChildJvm.in(directory)
              .start(
                  LoadProgram.class,
                  uri,
                  directory.resolve("spool").toString(),
                  Long.toString(round * ROUND))) {
        long recovered = Long.parseLong(server.awaitOut("^recovered (\\d+)$").group(1));
        assertTrue(round == 0 || recovered > 0, "nothing was left to store: kill earlier");
        if (round < KILLS) {
          server.awaitOut("^loaded$");
          Thread.sleep(ThreadLocalRandom.current().nextInt(100)); // at any moment
        } else {
          server.signal("TERM"); // or readers would wait for its last transaction to time out
          server.exitStatus();
        }
      }
    }
    List<Long> ids = LoadedServer.ids(broker, topic);
    for (int round = 0; round < KILLS; round++) {
      long first = round * ROUND;
      List<Long> stored = ids.stream().filter(id -> id / ROUND == first / ROUND).toList();
      assertTrue(stored.size() > 1000, stored::toString);
      assertEquals(LoadedServer.ids(first, first + stored.size()), stored);
    }
  }
}
