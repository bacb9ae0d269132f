package dev.ingest;

import static org.junit.jupiter.api.Assertions.assertDoesNotThrow;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.ingest.sink.Sink;
import dev.ingest.source.Udp;
import java.time.Duration;
import java.util.List;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;

class IngestServerBuilderTest {
  private static IngestServerBuilder complete() {
    return TestServers.builder(batch -> {});
  }

  private static void refuses(String message, Consumer<IngestServerBuilder> setting) {
    IngestServerBuilder builder = complete();
    IllegalArgumentException e =
        assertThrows(
            IllegalArgumentException.class,
            () -> {
              setting.accept(builder);
              builder.build();
            });
    assertEquals(message, e.getMessage());
  }

  @Test
  void a_value_outside_its_range_is_refused_with_setting_value_and_range() {
    refuses("port is -1: expected 0 to 65535", b -> b.bind(-1));
    refuses("port is 65536: expected 0 to 65535", b -> b.bind(65_536));
    refuses("port is 65536: expected 0 to 65535", b -> b.bind("127.0.0.1", 65_536));
    refuses(
        "receiveBuffer is 4095: expected 4096 to 1073741824", b -> Udp.on(0).receiveBuffer(4_095));
    refuses(
        "receiveBuffer is 1073741825: expected 4096 to 1073741824",
        b -> Udp.on(0).receiveBuffer((1 << 30) + 1));
    refuses("receivers is 0: expected 1 to 64", b -> Udp.on(0).receivers(0));
    refuses("receivers is 65: expected 1 to 64", b -> Udp.on(0).receivers(65));
    refuses("maxDatagramSize is 0: expected 1 to 65527", b -> Udp.on(0).maxDatagramSize(0));
    refuses(
        "maxDatagramSize is 65528: expected 1 to 65527", b -> Udp.on(0).maxDatagramSize(65_528));
    refuses("queueCapacity is 0: expected 1 to 16777216", b -> b.queueCapacity(0));
    refuses("queueCapacity is 16777217: expected 1 to 16777216", b -> b.queueCapacity(16_777_217));
    refuses("batchSize is 0: expected 1 to 16777216", b -> b.batchSize(0));
    refuses(
        "deadLetterLimit is 1048575: expected at least 1048576 bytes",
        b -> b.deadLetterLimit(1_048_575));
    refuses("linger is PT-0.001S: expected 0 to 1 s", b -> b.linger(Duration.ofMillis(-1)));
    refuses("linger is PT1.001S: expected 0 to 1 s", b -> b.linger(Duration.ofMillis(1_001)));
    refuses("drainTimeout is PT0S: expected 1 ms to 1 day", b -> b.drainTimeout(Duration.ZERO));
    refuses(
        "drainTimeout is PT24H0.001S: expected 1 ms to 1 day",
        b -> b.drainTimeout(Duration.ofDays(1).plusMillis(1)));
    refuses(
        "host is ' ': expected an IP address or a name; 0.0.0.0 for all IPv4 interfaces",
        b -> b.bind(" ", 1));
  }

  @Test
  void the_ends_of_every_range_are_accepted() {
    for (int end : new int[] {4_096, 1 << 30}) {
      assertDoesNotThrow(() -> complete().source(Udp.on(0).receiveBuffer(end)).build());
    }
    for (int end : new int[] {1, 64}) {
      assertDoesNotThrow(
          () -> complete().source(Udp.on(0).receivers(end)).queueCapacity(1).build());
    }
    for (int end : new int[] {1, 65_527}) {
      assertDoesNotThrow(() -> complete().source(Udp.on(0).maxDatagramSize(end)).build());
    }
    for (int end : new int[] {1, 1 << 24}) {
      assertDoesNotThrow(() -> complete().queueCapacity(end).build());
      assertDoesNotThrow(() -> complete().queueCapacity(end).batchSize(end).build());
    }
    for (int end : new int[] {0, 65_535}) {
      assertDoesNotThrow(() -> complete().bind(end).bind("::1", end).build());
    }
    for (long end : new long[] {1_048_576, Long.MAX_VALUE}) {
      assertDoesNotThrow(() -> complete().deadLetterLimit(end).build());
    }
    for (Duration end : List.of(Duration.ofMillis(1), Duration.ofDays(1))) {
      assertDoesNotThrow(() -> complete().drainTimeout(end).build());
    }
    for (Duration end : List.of(Duration.ZERO, Duration.ofSeconds(1))) {
      assertDoesNotThrow(() -> complete().linger(end).build());
    }
  }

  @Test
  void a_batch_larger_than_the_queue_is_refused_whichever_is_set_first() {
    String message = "batchSize is 11: expected at most queueCapacity, which is 10";
    refuses(message, b -> b.batchSize(11).queueCapacity(10));
    refuses(message, b -> b.queueCapacity(10).batchSize(11));
    refuses(
        "batchSize is 65537: expected at most queueCapacity, which is 65536",
        b -> b.batchSize(65_537));
    assertDoesNotThrow(() -> complete().batchSize(100_000).queueCapacity(100_000).build());
  }

  @Test
  void schema_and_sink_are_required() {
    IllegalArgumentException schema =
        assertThrows(
            IllegalArgumentException.class, () -> IngestServer.builder().sink(batch -> {}).build());
    assertTrue(schema.getMessage().startsWith("schema is not set"), schema.getMessage());
    IllegalArgumentException sink =
        assertThrows(
            IllegalArgumentException.class,
            () -> IngestServer.builder().schema(Events.SCHEMA).build());
    assertTrue(sink.getMessage().startsWith("sink is not set"), sink.getMessage());
  }

  @Test
  void the_last_sink_that_is_set_counts() {
    refuses(
        "sink URI 'no scheme' has no scheme: expected scheme:path, such as sqlite:sensors.db",
        b -> b.sink("no scheme"));
    assertDoesNotThrow(() -> complete().sink("no scheme").sink(batch -> {}).build());
  }

  @Test
  void an_unknown_scheme_is_named() {
    IllegalArgumentException e =
        assertThrows(
            IllegalArgumentException.class, () -> complete().sink("nowhere:there").build());
    assertTrue(e.getMessage().contains("unknown scheme 'nowhere'"), e.getMessage());
  }

  @Test
  void null_is_refused() {
    List<Consumer<IngestServerBuilder>> settings =
        List.of(
            b -> b.schema(null),
            b -> b.sink((String) null),
            b -> b.sink((Sink) null),
            b -> b.bind(null, 1),
            b -> b.source(null),
            b -> b.spool(null),
            b -> b.overflowPolicy(null),
            b -> b.retryPolicy(null),
            b -> b.deadLetters(null),
            b -> b.drainTimeout(null),
            b -> b.cleanupRegistry(null),
            b -> b.onClose(null));
    for (Consumer<IngestServerBuilder> setting : settings) {
      assertThrows(NullPointerException.class, () -> setting.accept(complete()));
    }
  }
}
