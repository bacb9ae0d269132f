package dev.ingest.kafka;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.ingest.kafka.testing.CommitProxy;
import dev.ingest.kafka.testing.CommitProxy.Cut;
import dev.ingest.kafka.testing.KafkaBroker;
import dev.ingest.record.JournalPosition;
import dev.ingest.record.RecordBatch;
import dev.ingest.sink.Sink;
import dev.ingest.sink.SinkException;
import dev.ingest.testing.TestBatch;
import java.nio.file.Path;
import java.util.stream.LongStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A network that is cut before a commit reaches the broker, or delivers it late. */
class CutCommitIT {
  @TempDir Path directory;
  private final TestBatch batches = new TestBatch(LoadedServer.SCHEMA);
  private KafkaBroker broker;
  private CommitProxy proxy;
  private String topic;
  private Sink sink;

  @BeforeEach
  void open() throws Exception {
    broker = KafkaBroker.shared();
    proxy = broker.proxy();
    topic = TestSinks.name("cut");
    broker.createTopic(topic, 1);
    String soon = "request.timeout.ms=1500\ndelivery.timeout.ms=1520\nmax.block.ms=1500\n";
    sink =
        TestSinks.open(
            "kafka:%s/%s?transactional_id=%s&properties=%s"
                .formatted(
                    broker.proxiedBootstrap(), topic, topic, TestSinks.properties(directory, soon)),
            LoadedServer.SCHEMA);
    sink.write(batch(0, 10));
  }

  @AfterEach
  void close() throws Exception {
    proxy.restore();
    sink.close();
  }

  private RecordBatch batch(long from, long to) {
    return batches.at(
        new JournalPosition("a", from),
        LongStream.range(from, to).mapToObj(id -> "{\"id\":" + id + "}").toArray(String[]::new));
  }

  private void cut(Cut cut) {
    proxy.cutNextCommit(cut);
    SinkException failure = assertThrows(SinkException.class, () -> sink.write(batch(10, 20)));
    assertTrue(failure.isRetryable(), failure::toString);
    assertTrue(proxy.isDown());
    proxy.restore();
  }

  private void assertEachOnce() throws Exception {
    sink.write(batch(0, 30));
    assertEquals(30, sink.stored("a").cardinality());
    assertEquals(LoadedServer.ids(0, 30), LoadedServer.ids(broker, topic));
  }

  @Test
  void a_commit_that_never_arrives_is_made_again() throws Exception {
    cut(Cut.BEFORE_COMMIT);
    assertEachOnce();
  }

  @Test
  void a_commit_that_arrives_before_the_next_try_is_found_out() throws Exception {
    cut(Cut.LATE_COMMIT);
    proxy.deliverLate();
    assertEachOnce();
  }

  @Test
  void a_commit_that_arrives_after_the_next_try_is_refused() throws Exception {
    cut(Cut.LATE_COMMIT);
    sink.write(batch(10, 20));
    proxy.deliverLate();
    assertEachOnce();
  }
}
