package dev.ingest.testkit;

import dev.ingest.sink.Sink;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.io.TempDir;

/** The contract on the simplest sink there is. */
abstract class FileContract extends SinkContract {
  @TempDir Path directory;

  @Override
  protected Sink newSink() {
    return new FileSink(directory.resolve("records"));
  }

  @Override
  protected List<List<Object>> storedRows() throws IOException {
    return FileSink.rows(directory.resolve("records"));
  }

  @Override
  protected Sink sinkThatCannotOpen() {
    return new FileSink(directory);
  }

  @Override
  protected AutoCloseable refuse(long id) {
    throw cannot("a file takes every record");
  }

  @Override
  protected AutoCloseable block() {
    throw cannot("nothing holds up writes to a file");
  }
}
