package dev.ingest;

import dev.ingest.record.Schema;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.LongStream;

/** The records that the tests send: they have a number, by which they are known again. */
final class Events {
  static final Schema SCHEMA = Schema.builder("events").integer("id").build();

  private Events() {}

  static String event(long id) {
    return "{\"id\":" + id + "}";
  }

  /** An array of the events from the first number to before the last. */
  static String array(long from, long to) {
    return LongStream.range(from, to)
        .mapToObj(Events::event)
        .collect(Collectors.joining(",", "[", "]"));
  }

  /** The numbers from the first to before the last. */
  static List<Long> ids(long from, long to) {
    return LongStream.range(from, to).boxed().toList();
  }

  static List<Long> sorted(List<Long> ids) {
    return ids.stream().sorted().toList();
  }
}
