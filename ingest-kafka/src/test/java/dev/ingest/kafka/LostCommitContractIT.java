package dev.ingest.kafka;

import dev.ingest.kafka.testing.CommitProxy;
import dev.ingest.record.RecordBatch;
import dev.ingest.sink.Sink;
import java.nio.file.Path;
import org.junit.jupiter.api.io.TempDir;

/** With transactions, and a network that is cut when the broker has committed. */
class LostCommitContractIT extends KafkaContract {
  @TempDir Path directory;
  private final String id = TestSinks.name("lost");
  private CommitProxy proxy;

  @Override
  String options() throws Exception {
    return "transactional_id="
        + id
        + "&properties="
        + TestSinks.properties(
            directory, "request.timeout.ms=1500\ndelivery.timeout.ms=1520\nmax.block.ms=1500\n");
  }

  /** The network is back when the sink has reported the failure. */
  @Override
  protected Sink newSink() throws Exception {
    proxy = broker.proxy();
    Sink sink = TestSinks.of("kafka:" + broker.proxiedBootstrap() + "/" + topic + "?" + options());
    return new WatchedSink(sink) {
      @Override
      public void write(RecordBatch batch) throws Exception {
        try {
          super.write(batch);
        } finally {
          proxy.restore();
        }
      }
    };
  }

  /** With its short timeouts the sink would end the wait by itself. */
  @Override
  protected AutoCloseable block() {
    throw cannot("TransactionalContractIT does");
  }

  @Override
  protected boolean remembersPositions() {
    return true;
  }

  @Override
  protected void breakDuringCommit() {
    proxy.cutNextCommit(CommitProxy.Cut.AFTER_COMMIT);
  }
}
