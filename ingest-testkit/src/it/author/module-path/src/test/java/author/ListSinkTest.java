package author;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.ingest.record.Schema;
import dev.ingest.sink.Sink;
import dev.ingest.testkit.SinkContract;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import org.junit.jupiter.api.Test;

class ListSinkTest extends SinkContract {
  private final List<List<Object>> list = Collections.synchronizedList(new ArrayList<>());

  @Override
  protected Sink newSink() {
    return new ListSink(list);
  }

  @Override
  protected List<List<Object>> storedRows() {
    return List.copyOf(list);
  }

  @Override
  protected Sink sinkThatCannotOpen() {
    throw cannot("there is nothing to open");
  }

  @Override
  protected AutoCloseable refuse(long id) {
    throw cannot("a list takes everything");
  }

  @Override
  protected AutoCloseable block() {
    throw cannot("nothing holds up a list");
  }

  @Test
  void the_test_runs_where_it_should() {
    assertEquals("author", String.valueOf(ListSink.class.getModule().getName()));
    assertEquals("dev.ingest.core", String.valueOf(Schema.class.getModule().getName()));
  }
}
