package dev.ingest.kafka;

import dev.ingest.kafka.testing.CommitProxy;
import dev.ingest.record.RecordBatch;
import dev.ingest.record.Schema;
import dev.ingest.sink.Sink;
import java.nio.file.Path;
import java.util.BitSet;
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
    Sink sink =
        TestSinks.of("kafka:" + broker.proxiedBootstrap() + "/" + topic + "?" + options());
    return new Sink() {
      @Override
      public void open(Schema schema) throws Exception {
        sink.open(schema);
      }

      @Override
      public void write(RecordBatch batch) throws Exception {
        try {
          sink.write(batch);
        } finally {
          proxy.restore();
        }
      }

      @Override
      public BitSet stored(String segment) throws Exception {
        return sink.stored(segment);
      }

      @Override
      public void forget(String segment) throws Exception {
        sink.forget(segment);
      }

      @Override
      public void close() throws Exception {
        sink.close();
      }
    };
  }

  @Override
  protected boolean breakDuringCommit() {
    proxy.cutNextCommit(cut());
    return true;
  }

  CommitProxy.Cut cut() {
    return CommitProxy.Cut.AFTER_COMMIT;
  }
}
