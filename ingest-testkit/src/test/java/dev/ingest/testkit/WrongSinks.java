package dev.ingest.testkit;

import dev.ingest.record.RecordBatch;
import dev.ingest.record.Schema;
import dev.ingest.sink.Sink;
import dev.ingest.sink.SinkException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.Collections;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;

/** The contract on sinks of which each does one thing wrong; run by {@link WrongSinksTest}. */
final class WrongSinks {
  private WrongSinks() {}

  static class StoresOneColumn extends MemoryContract {
    @Override
    protected Sink newSink() {
      return new MemorySink(store) {
        @Override
        List<Object> row(RecordBatch batch, int row) {
          List<Object> values = new ArrayList<>(Collections.nCopies(SCHEMA.fields().size(), null));
          values.set(0, batch.getLong(row, 0));
          return values;
        }
      };
    }
  }

  static class LeavesAHalfWrittenBatch extends FileContract {
    @Override
    protected Sink newSink() {
      return new FileSink(directory.resolve("records")) {
        @Override
        public void write(RecordBatch batch) throws IOException {
          for (int row = 0; row < batch.size(); row++) {
            append(List.of(line(batch, row)));
          }
        }
      };
    }
  }

  static class DropsTheLastRow extends MemoryContract {
    @Override
    protected Sink newSink() {
      return new MemorySink(store) {
        @Override
        public void write(RecordBatch batch) throws Exception {
          super.write(batch.size() == 1 ? batch : batch.slice(0, batch.size() - 1));
        }
      };
    }
  }

  static class SwallowsFailures extends MemoryContract {
    @Override
    protected Sink newSink() {
      return new MemorySink(store) {
        @Override
        void commit(List<List<Object>> rows, String segment, BitSet lines) {
          try {
            super.commit(rows, segment, lines);
          } catch (SinkException e) {
            // only logged
          }
        }
      };
    }
  }

  static class KeepsTheBatch extends MemoryContract {
    @Override
    protected Sink newSink() {
      return new MemorySink(store) {
        private RecordBatch kept;

        @Override
        public void write(RecordBatch batch) throws Exception {
          super.write(batch);
          kept = batch;
        }

        @Override
        public void close() {
          if (kept != null) {
            row(kept, kept.size() - 1); // to log the last record
          }
        }
      };
    }
  }

  static class ReadsOnAnotherThread extends MemoryContract {
    private final ExecutorService reader = Executors.newSingleThreadExecutor();

    @Override
    protected Sink newSink() {
      return new MemorySink(store) {
        @Override
        List<Object> row(RecordBatch batch, int row) {
          try {
            return reader.submit(() -> super.row(batch, row)).get();
          } catch (Exception e) {
            throw new IllegalStateException(e);
          }
        }

        @Override
        public void write(RecordBatch batch) throws Exception {
          if (Thread.interrupted()) {
            throw new InterruptedException();
          }
          super.write(batch);
        }
      };
    }

    @AfterEach
    void shutDown() throws InterruptedException {
      reader.shutdown();
      reader.awaitTermination(LIMIT.toSeconds(), TimeUnit.SECONDS);
    }
  }

  static class StoresAtTheClose extends MemoryContract {
    @Override
    protected Sink newSink() {
      return new MemorySink(store) {
        private final List<List<Object>> buffered = new ArrayList<>();

        @Override
        public void write(RecordBatch batch) {
          for (int row = 0; row < batch.size(); row++) {
            buffered.add(row(batch, row));
          }
        }

        @Override
        public void close() throws Exception {
          commit(buffered, "", new BitSet());
        }
      };
    }
  }

  static class SwallowsTheInterrupt extends MemoryContract {
    @Override
    protected Sink newSink() {
      return new MemorySink(store) {
        @Override
        void awaitStore() throws Exception {
          try {
            super.awaitStore();
          } catch (InterruptedException e) {
            throw SinkException.retryable("interrupted");
          }
        }
      };
    }
  }

  static class StoresNullsAsZero extends MemoryContract {
    @Override
    protected Sink newSink() {
      return new MemorySink(store) {
        @Override
        List<Object> row(RecordBatch batch, int row) {
          return super.row(batch, row).stream()
              .map(value -> Objects.requireNonNullElse(value, 0L))
              .toList();
        }
      };
    }
  }

  static class LeaksWhenItCannotOpen extends MemoryContract {
    private final List<InputStream> leaked = new ArrayList<>();

    @Override
    protected Sink sinkThatCannotOpen() {
      return new MemorySink(store) {
        @Override
        public void open(Schema schema) throws IOException {
          leaked.add(Files.newInputStream(Files.createTempFile(contractDirectory, "store", "")));
          throw new IOException("the store is locked");
        }
      };
    }

    @AfterEach
    void close() throws IOException {
      for (InputStream stream : leaked) {
        stream.close();
      }
    }
  }

  static class StoresAgainWhatIsKnown extends MemoryContract {
    @Override
    protected Sink newSink() {
      return new MemorySink(store) {
        @Override
        BitSet known(String segment) {
          return new BitSet();
        }
      };
    }
  }

  static class SaysThatARetryHelps extends MemoryContract {
    @Override
    protected Sink newSink() {
      return new MemorySink(store) {
        @Override
        void commit(List<List<Object>> rows, String segment, BitSet lines) throws SinkException {
          try {
            super.commit(rows, segment, lines);
          } catch (SinkException e) {
            throw SinkException.retryable(e.getMessage());
          }
        }
      };
    }
  }

  static class ForgetsNothing extends MemoryContract {
    @Override
    protected Sink newSink() {
      return new MemorySink(store) {
        @Override
        public void forget(String segment) {}
      };
    }
  }

  static class RoundsLargeIntegers extends MemoryContract {
    @Override
    protected Sink newSink() {
      return new MemorySink(store) {
        @Override
        List<Object> row(RecordBatch batch, int row) {
          return super.row(batch, row).stream()
              .map(value -> value instanceof Long number ? (Object) (long) (double) number : value)
              .toList();
        }
      };
    }
  }

  static class RefusesForGoodWhateverFails extends MemoryContract {
    @Override
    protected Sink newSink() {
      return new MemorySink(store) {
        @Override
        public void write(RecordBatch batch) throws SinkException {
          try {
            super.write(batch);
          } catch (Exception e) {
            if (e instanceof InterruptedException) {
              Thread.currentThread().interrupt();
            }
            throw SinkException.permanent(e.toString());
          }
        }
      };
    }
  }

  static class KeepsAThreadAfterTheClose extends MemoryContract {
    private final List<ExecutorService> kept = new ArrayList<>();

    @Override
    protected Sink newSink() {
      return new MemorySink(store) {
        @Override
        public void open(Schema schema) throws Exception {
          ExecutorService flusher = Executors.newSingleThreadExecutor();
          kept.add(flusher);
          flusher.submit(() -> {}).get();
        }
      };
    }

    @AfterEach
    void shutDown() {
      kept.forEach(ExecutorService::shutdown);
    }
  }

  static class HidesThatItRemembers extends MemoryContract {
    @Override
    protected boolean remembersPositions() {
      return false;
    }
  }
}
