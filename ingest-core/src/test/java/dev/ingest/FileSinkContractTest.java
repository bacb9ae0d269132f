package dev.ingest;

import dev.ingest.record.RecordBatch;
import dev.ingest.record.Schema;
import dev.ingest.sink.Sink;
import dev.ingest.sink.SinkException;
import dev.ingest.testkit.SinkContract;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.junit.jupiter.api.io.TempDir;

/** The test kit, on the simplest sink there is. */
class FileSinkContractTest extends SinkContract {
  @TempDir Path directory;
  private final Set<Long> refused = ConcurrentHashMap.newKeySet();

  @Override
  protected Sink newSink() {
    return new FileSink(directory.resolve("ids"));
  }

  @Override
  protected List<Long> storedIds() throws IOException {
    return Files.readAllLines(directory.resolve("ids")).stream().map(Long::valueOf).toList();
  }

  @Override
  protected Optional<Sink> sinkThatCannotOpen() {
    return Optional.of(new FileSink(directory));
  }

  @Override
  protected boolean refuse(long id, boolean isRefused) {
    return isRefused ? refused.add(id) : refused.remove(id);
  }

  /** Appends ids to a file, those of a batch at once. */
  private final class FileSink implements Sink {
    private final Path file;

    FileSink(Path file) {
      this.file = file;
    }

    @Override
    public void open(Schema schema) throws IOException {
      append(List.of());
    }

    @Override
    public void write(RecordBatch batch) throws Exception {
      List<String> lines = new ArrayList<>();
      for (int row = 0; row < batch.size(); row++) {
        if (refused.contains(batch.getLong(row, 0))) {
          throw SinkException.permanent("record " + batch.getLong(row, 0) + " is refused");
        }
        lines.add(Long.toString(batch.getLong(row, 0)));
      }
      append(lines);
    }

    private void append(List<String> lines) throws IOException {
      Files.write(file, lines, StandardOpenOption.CREATE, StandardOpenOption.APPEND);
    }
  }
}
