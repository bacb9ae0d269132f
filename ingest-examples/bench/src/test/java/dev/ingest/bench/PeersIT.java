package dev.ingest.bench;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.nio.file.Path;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The programs beside the library that a machine rarely has: each stores what it is sent. */
class PeersIT {
  private static final long RECORDS = 2_000;

  @TempDir Path directory;

  private BenchFiles files;
  private Sender sender;

  @BeforeEach
  void choose_the_sender() throws Exception {
    files = new BenchFiles(directory, directory);
    sender = Sender.choose(Sender.Kind.JAVA, files, RecordShape.SENSOR);
  }

  @Test
  void rsyslog_stores_the_records_sent() throws Exception {
    assumeTrue(BenchFiles.find("rsyslogd").isPresent(), "there is no rsyslogd");
    PeerProgram rsyslog = new Peers(files).rsyslog().orElseThrow();
    try (Receiver receiver = rsyslog.start(directory)) {
      assertStored(RECORDS, receiver);
    }
  }

  @Test
  void questdb_stores_the_records_of_each_load() throws Exception {
    String jar = System.getProperty("questdb.jar", "");
    assumeTrue(!jar.isEmpty(), "no -Dquestdb.jar names the jar of QuestDB");
    try (Receiver receiver = QuestDbReceiver.start(Path.of(jar), directory.resolve("questdb"))) {
      assertStored(RECORDS, receiver);
      assertStored(10, receiver);
    }
  }

  private void assertStored(long records, Receiver receiver) throws Exception {
    LoadResult result = LoadRun.measure(receiver, sender, 1, 4_000, records);
    assertEquals(records, result.stored());
    assertTrue(result.sumsAgree());
  }
}
