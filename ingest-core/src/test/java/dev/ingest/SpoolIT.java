package dev.ingest;

import static dev.ingest.Events.event;
import static dev.ingest.Events.ids;
import static dev.ingest.Events.sorted;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.ingest.policy.JournalSync;
import dev.ingest.policy.OverflowPolicy;
import dev.ingest.policy.RetryPolicy;
import dev.ingest.policy.Spooling;
import dev.ingest.record.JournalPosition;
import dev.ingest.record.RecordBatch;
import dev.ingest.record.Schema;
import dev.ingest.sink.Sink;
import dev.ingest.sink.SinkException;
import dev.ingest.source.Udp;
import dev.ingest.stats.DropReason;
import dev.ingest.stats.IngestStats;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.logging.Level;
import java.util.stream.LongStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

class SpoolIT {
  @TempDir Path directory;

  private IngestServerBuilder builder(Sink sink) {
    return TestServers.builder(sink).spool(spooling());
  }

  /** A server whose journal is soon full. */
  private IngestServerBuilder smallJournal(Sink sink) {
    return builder(sink)
        .source(Udp.on(0).maxDatagramSize(65_000))
        .spool(spooling().limit(1 << 20).journal(JournalSync.NEVER));
  }

  private Spooling spooling() {
    return Spooling.in(spool());
  }

  private Spooling spooling(boolean journal) {
    return journal ? spooling().journal(JournalSync.NEVER) : spooling();
  }

  private Path spool() {
    return directory.resolve("spool");
  }

  private List<Path> segments() throws IOException {
    try (Stream<Path> files = Files.list(spool())) {
      return files.filter(file -> file.toString().endsWith(".ndjson")).sorted().toList();
    }
  }

  /** The lines of all segments, without the white space that is their check. */
  private List<String> lines() throws IOException {
    List<String> lines = new ArrayList<>();
    for (Path segment : segments()) {
      Files.readAllLines(segment).forEach(line -> lines.add(line.stripTrailing()));
    }
    return lines;
  }

  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void a_flood_beyond_the_queue_is_spooled_and_stored_oldest_first(boolean journal)
      throws Exception {
    MemorySink.Gate gate = new MemorySink.Gate();
    MemorySink sink = new MemorySink(gate);
    IngestServerBuilder settings = builder(sink).queueCapacity(64);
    settings.spool(spooling(journal));
    try (IngestServer server = settings.build().start();
        Sender sender = new Sender(server)) {
      sender.flood(server, 0, 20_000);
      IngestStats full = Ledgers.await(server, stats -> stats.records().decoded() == 20_000);
      assertEquals(0, full.kernelDrops().orElse(0), "receiving was never held up");
      assertTrue(full.records().queued() <= 64 + 16, full::toString);
      assertEquals(20_000, full.records().queued() + full.records().spooled());
      gate.open();
      Ledgers.await(server, stats -> stats.records().persisted() == 20_000);
      assertEquals(ids(0, 20_000), sorted(sink.stored()));
      List<Long> spooled = sink.stored().stream().filter(id -> id > 100 && id < 19_900).toList();
      assertTrue(spooled.equals(sorted(spooled)), "oldest first");
      assertEquals(0, server.stats().records().spooled());
    }
    assertEquals(List.of(), segments());
  }

  @ParameterizedTest
  @EnumSource(
      value = OverflowPolicy.class,
      names = {"DROP_OLDEST", "DROP_NEWEST"})
  void what_is_dropped_is_not_replayed(OverflowPolicy policy) throws Exception {
    MemorySink.Gate gate = new MemorySink.Gate();
    MemorySink sink = new MemorySink(gate);
    IngestServerBuilder settings =
        builder(sink)
            .spool(spooling().journal(JournalSync.NEVER))
            .queueCapacity(64)
            .overflowPolicy(policy);
    try (IngestServer server = settings.build().start();
        Sender sender = new Sender(server)) {
      sender.flood(server, 0, 1_000);
      IngestStats full = Ledgers.await(server, stats -> stats.records().decoded() == 1_000);
      assertTrue(full.records().dropped() > 900 - 64, full::toString);
      assertEquals(0, full.records().spooled());
      gate.open();
      Ledgers.await(server, stats -> stats.records().queued() == 0);
    }
    assertEquals(List.of(), segments());
  }

  @Test
  void fresh_records_are_not_held_up_by_a_replay_that_fails() throws Exception {
    AtomicBoolean down = new AtomicBoolean(true);
    MemorySink sink =
        new MemorySink(
            batch -> {
              if (down.get() && MemorySink.ids(batch).stream().anyMatch(id -> id < 10)) {
                throw new IOException("not these");
              }
            });
    RetryPolicy thrice = TestServers.quickRetries().maxAttempts(3).build();
    try (IngestServer server = builder(sink).retryPolicy(thrice).build().start();
        Sender sender = new Sender(server)) {
      sender.send(Events.array(0, 10));
      Ledgers.await(server, stats -> stats.records().spooled() == 10);
      for (long id = 10; id < 12; id++) { // twice: at the third time the fault would be theirs
        sender.send(event(id));
        long stored = id - 9;
        Ledgers.await(server, stats -> stats.records().persisted() == stored);
      }
      assertEquals(List.of(10L, 11L), sink.stored());
      down.set(false);
      Ledgers.await(server, stats -> stats.records().persisted() == 12);
      assertEquals(0, server.stats().records().dropped());
    }
  }

  @Test
  void records_that_keep_failing_while_others_are_stored_are_refused_in_the_end() throws Exception {
    MemorySink sink =
        new MemorySink(
            batch -> {
              if (MemorySink.ids(batch).contains(5L)) {
                throw new IOException("not this one");
              }
            });
    RetryPolicy twice = TestServers.quickRetries().maxAttempts(2).build();
    Path letters = directory.resolve("letters");
    try (IngestServer server =
            builder(sink).retryPolicy(twice).deadLetters(letters).build().start();
        Sender sender = new Sender(server)) {
      sender.send(Events.array(0, 10));
      Ledgers.await(server, stats -> stats.records().spooled() == 10);
      long next = 10;
      while (server.stats().records().deadLettered() == 0) {
        long stored = server.stats().records().persisted();
        sender.send(event(next++));
        Ledgers.await(server, stats -> stats.records().persisted() > stored);
      }
      Ledgers.await(server, stats -> stats.records().queued() + stats.records().spooled() == 0);
      assertEquals(
          List.of(0L, 1L, 2L, 3L, 4L, 6L, 7L, 8L, 9L), sorted(sink.stored()).subList(0, 9));
      String letter = Files.readString(letters);
      assertTrue(letter.contains("{\\\"id\\\":5}"), letter);
    }
  }

  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void what_the_drain_cannot_store_is_replayed_by_the_next_server(boolean journal)
      throws Exception {
    MemorySink.Gate gate = new MemorySink.Gate();
    MemorySink stuck =
        new MemorySink(
            batch -> {
              if (!MemorySink.ids(batch).contains(0L)) {
                gate.strike(batch);
              }
            });
    IngestServerBuilder settings = builder(stuck).drainTimeout(Duration.ofMillis(50));
    settings.spool(spooling(journal));
    IngestServer first = settings.build().start();
    try (Sender sender = new Sender(first)) {
      sender.send(event(0));
      Ledgers.await(first, stats -> stats.records().persisted() == 1);
      sender.flood(first, 1, 500);
    }
    first.close();
    IngestStats end = Ledgers.balanced(first.stats());
    assertEquals(0, end.records().lost());
    assertEquals(499, end.records().spooled());
    assertTrue(lines().containsAll(LongStream.range(1, 500).mapToObj(Events::event).toList()));
    MemorySink well = new MemorySink();
    try (IngestServer second = builder(well).build().start()) {
      assertEquals(499, second.stats().records().recovered());
      Ledgers.await(second, stats -> stats.records().persisted() == 499);
    }
    assertEquals(ids(1, 500), well.stored());
    assertEquals(List.of(), segments());
  }

  @Test
  void a_sink_that_never_returns_loses_nothing() throws Exception {
    MemorySink.Gate gate = new MemorySink.Gate(false);
    IngestServer first =
        builder(new MemorySink(gate)).drainTimeout(Duration.ofMillis(50)).build().start();
    try (Sender sender = new Sender(first)) {
      sender.sendEvents(0, 100);
      Ledgers.await(first, stats -> stats.records().decoded() == 100);
    }
    first.close();
    assertEquals(100, Ledgers.balanced(first.stats()).records().spooled());
    gate.open(); // too late, and it changes nothing any more
    MemorySink well = new MemorySink();
    try (IngestServer second = builder(well).build().start()) {
      Ledgers.await(second, stats -> stats.records().persisted() == 100);
    }
    assertEquals(ids(0, 100), well.stored());
    assertEquals(100, first.stats().records().spooled());
  }

  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void records_of_removed_spool_files_are_not_reported_as_spooled(boolean journal)
      throws Exception {
    MemorySink.Gate gate = new MemorySink.Gate();
    IngestServerBuilder settings =
        builder(new MemorySink(gate)).queueCapacity(16).drainTimeout(Duration.ofMillis(50));
    settings.spool(spooling(journal));
    IngestServer server = settings.build().start();
    try (Logged errors = new Logged(Level.SEVERE);
        Sender sender = new Sender(server)) {
      sender.flood(server, 0, 500);
      Ledgers.await(server, stats -> stats.records().decoded() == 500);
      for (Path segment : segments()) {
        Files.delete(segment);
      }
      server.close();
      errors.await("has removed files");
    }
    IngestStats end = Ledgers.balanced(server.stats());
    assertEquals(lines().size(), end.records().spooled());
    assertEquals(
        500,
        end.records().spooled() + end.records().droppedByReason().get(DropReason.SPOOL_FILE_GONE));
  }

  @Test
  void every_value_comes_back_bit_for_bit() throws Exception {
    Schema schema =
        Schema.builder("values")
            .integer("i")
            .real("r")
            .text("t")
            .bool("b")
            .timestamp("at")
            .text("o")
            .optional()
            .build();
    List<String> records =
        List.of(
            "{\"i\":-9223372036854775808,\"r\":4.9e-324,\"t\":\"\",\"b\":true,\"at\":1751715061.12}",
            "{\"i\":9223372036854775807,\"r\":-0.0,\"t\":\"\\u0000\\n\\\"\\\\\",\"b\":false,\"at\":0,\"o\":null}",
            "{\"o\":\"\u20ac\ud83d\ude00\",\"i\":0,\"r\":1.7976931348623157e308,\"t\":\"a,b;c\",\"b\":true,\"at\":\"2026-01-31T12:00:00.123456789Z\"}",
            "{\n \"i\" : 1,\n\t\"r\" : 0.1 ,\r\n \"t\":\"x\", \"b\":true,\"at\":-1.5}",
            "[{\"i\":2,\"r\":3,\"t\":\"[1,2]\",\"b\":true,\"at\":1},{\"i\":3,\"r\":1e-5,\"t\":\"y\",\"b\":false,\"at\":2}]");
    List<String> direct = new ArrayList<>();
    List<String> replayed = new ArrayList<>();
    AtomicBoolean down = new AtomicBoolean(true);
    try (IngestServer server =
            builder(batch -> describe(batch, direct)).schema(schema).build().start();
        Sender sender = new Sender(server)) {
      for (String record : records) {
        sender.send(record);
      }
      Ledgers.await(server, stats -> stats.records().persisted() == 6);
    }
    Sink failing =
        batch -> {
          if (down.get()) {
            throw new IOException("down");
          }
          describe(batch, replayed);
        };
    try (IngestServer server =
            builder(failing)
                .schema(schema)
                .retryPolicy(RetryPolicy.builder().maxAttempts(1).build())
                .build()
                .start();
        Sender sender = new Sender(server)) {
      for (String record : records) {
        sender.send(record);
      }
      Ledgers.await(server, stats -> stats.records().spooled() == 6);
      down.set(false);
      Ledgers.await(server, stats -> stats.records().persisted() == 6);
    }
    assertEquals(direct, replayed);
  }

  private static void describe(RecordBatch batch, List<String> into) {
    for (int row = 0; row < batch.size(); row++) {
      into.add(
          batch.getLong(row, 0)
              + "|"
              + Double.doubleToRawLongBits(batch.getDouble(row, 1))
              + "|"
              + batch.getString(row, 2)
              + "|"
              + batch.getBoolean(row, 3)
              + "|"
              + batch.getLong(row, 4)
              + "|"
              + (batch.isNull(row, 5) ? null : batch.getString(row, 5)));
    }
  }

  @Test
  void what_is_counted_as_decoded_is_in_the_journal() throws Exception {
    MemorySink.Gate gate = new MemorySink.Gate();
    try (IngestServer server =
            builder(new MemorySink(gate))
                .spool(spooling().journal(JournalSync.NEVER))
                .build()
                .start();
        Sender sender = new Sender(server)) {
      for (int id = 0; id < 2_000; id++) {
        sender.send(event(id));
        long decoded = server.stats().records().decoded();
        if (id % 50 == 0 && decoded > 0) {
          List<String> lines = lines();
          assertTrue(lines.size() >= decoded, lines.size() + " lines, " + decoded + " decoded");
        }
      }
      gate.open();
    }
    assertEquals(List.of(), segments());
  }

  @ParameterizedTest
  @EnumSource(JournalSync.class)
  void every_journal_stores_all_once_and_leaves_nothing(JournalSync sync) throws Exception {
    MemorySink sink = new MemorySink();
    try (IngestServer server = builder(sink).spool(spooling().journal(sync)).build().start();
        Sender sender = new Sender(server)) {
      sender.flood(server, 0, 3_000);
      Ledgers.await(server, stats -> stats.records().persisted() == 3_000);
      assertEquals(0, server.stats().notJournaled());
    }
    assertEquals(ids(0, 3_000), sink.stored());
    assertEquals(List.of(), segments());
  }

  /** Remembers positions as a database would: together with the records. */
  private static final class PositionSink extends MemorySink {
    private final Map<String, BitSet> positions = new HashMap<>();
    private final List<String> forgotten = new CopyOnWriteArrayList<>();

    @Override
    public void write(RecordBatch batch) throws Exception {
      super.write(batch);
      JournalPosition first = batch.position().orElseThrow();
      BitSet lines = positions.computeIfAbsent(first.segment(), name -> new BitSet());
      lines.set((int) first.line(), (int) first.line() + batch.size());
    }

    @Override
    public BitSet stored(String segment) {
      return positions.getOrDefault(segment, new BitSet());
    }

    @Override
    public void forget(String segment) {
      forgotten.add(segment);
    }
  }

  @Test
  void s10_the_sink_is_asked_what_it_has_stored_and_notified_of_what_is_removed() throws Exception {
    PositionSink sink = new PositionSink();
    MemorySink.Gate gate = new MemorySink.Gate();
    IngestServer first =
        builder(
                batch -> {
                  sink.write(batch);
                  gate.strike(batch); // stored, but the server does not learn of it
                })
            .spool(spooling().journal(JournalSync.NEVER))
            .drainTimeout(Duration.ofMillis(50))
            .build()
            .start();
    try (Sender sender = new Sender(first)) {
      sender.send(event(0));
      gate.awaitEntered();
      sender.flood(first, 1, 100);
    }
    first.close();
    assertEquals(100, first.stats().records().spooled());
    assertEquals(List.of(0L), sink.stored());
    try (IngestServer second = builder(sink).build().start()) {
      Ledgers.await(
          second, stats -> stats.records().persisted() == 99 && stats.records().spooled() == 0);
      assertEquals(99, second.stats().records().recovered());
      Ledgers.await(() -> !sink.forgotten.isEmpty());
    }
    assertEquals(ids(0, 100), sink.stored());
    assertEquals(sink.positions.keySet(), Set.copyOf(sink.forgotten));
  }

  @Test
  void with_start_without_sink_a_sink_that_is_down_at_the_start_is_opened_later() throws Exception {
    AtomicInteger tries = new AtomicInteger();
    AtomicBoolean up = new AtomicBoolean();
    MemorySink sink =
        new MemorySink() {
          @Override
          public synchronized void open(Schema schema) {
            tries.incrementAndGet();
            if (!up.get()) {
              throw new IllegalStateException("still down");
            }
            super.open(schema);
          }
        };
    assertThrows(SinkException.class, () -> builder(sink).build().start());
    tries.set(0);
    try (IngestServer server =
            builder(sink).startWithoutSink(true).queueCapacity(10).build().start();
        Sender sender = new Sender(server)) {
      sender.flood(server, 0, 1_000);
      Ledgers.await(server, stats -> stats.records().decoded() == 1_000);
      Ledgers.await(() -> tries.get() > 3);
      assertEquals(0, server.stats().records().persisted());
      up.set(true);
      Ledgers.await(server, stats -> stats.records().persisted() == 1_000);
      assertEquals(1, sink.opened());
    }
    assertEquals(1, sink.closed());
  }

  @Test
  void a_sink_that_comes_up_during_the_drain_is_opened_after_a_short_pause() throws Exception {
    AtomicInteger tries = new AtomicInteger();
    AtomicInteger enough = new AtomicInteger(Integer.MAX_VALUE);
    MemorySink sink =
        new MemorySink() {
          @Override
          public synchronized void open(Schema schema) {
            if (tries.incrementAndGet() < enough.get()) {
              throw new IllegalStateException("still down");
            }
            super.open(schema);
          }
        };
    RetryPolicy growing =
        RetryPolicy.builder()
            .firstDelay(Duration.ofMillis(1))
            .maxDelay(Duration.ofHours(1))
            .jitter(0)
            .build();
    IngestServer server =
        TestServers.builder(sink).startWithoutSink(true).retryPolicy(growing).build().start();
    try (Sender sender = new Sender(server)) {
      sender.send(event(1));
      Ledgers.await(server, stats -> stats.records().decoded() == 1);
    }
    Ledgers.await(() -> tries.get() == 11); // the next pause is one of a second
    enough.set(tries.get() + 10); // with pauses that go on growing this takes 17 minutes
    TestServers.join(TestServers.closeInBackground(server));
    assertEquals(1, Ledgers.balanced(server.stats()).records().persisted());
  }

  @Test
  void a_sink_that_is_down_until_the_end_loses_nothing() throws Exception {
    Sink down = StartIT.failingToOpen(new IllegalStateException("still down"));
    IngestServer first =
        builder(down).startWithoutSink(true).drainTimeout(Duration.ofMillis(50)).build().start();
    try (Sender sender = new Sender(first)) {
      sender.sendEvents(0, 100);
      Ledgers.await(first, stats -> stats.records().decoded() == 100);
    }
    first.close();
    assertEquals(100, Ledgers.balanced(first.stats()).records().spooled());
    MemorySink well = new MemorySink();
    try (IngestServer second = builder(well).build().start()) {
      Ledgers.await(second, stats -> stats.records().persisted() == 100);
    }
    assertEquals(ids(0, 100), well.stored());
  }

  @Test
  void a_sink_that_can_never_be_opened_closes_the_server_and_loses_nothing() throws Exception {
    AtomicBoolean wrong = new AtomicBoolean();
    Sink sink =
        new MemorySink() {
          @Override
          public synchronized void open(Schema schema) {
            while (!wrong.get()) {
              Thread.onSpinWait();
            }
            throw new AssertionError("the table has other columns");
          }
        };
    IngestServer server = builder(sink).startWithoutSink(true).build().start();
    try (Logged errors = new Logged(Level.SEVERE);
        Sender sender = new Sender(server)) {
      sender.sendEvents(0, 100);
      Ledgers.await(server, stats -> stats.records().decoded() == 100);
      wrong.set(true);
      server.awaitClose();
      errors.await("cannot go on");
    }
    assertEquals(100, Ledgers.balanced(server.stats()).records().spooled());
  }

  @Test
  void a_spool_that_cannot_be_written_is_logged_and_the_policy_without_a_spool_applies()
      throws Exception {
    MemorySink.Gate gate = new MemorySink.Gate();
    MemorySink sink = new MemorySink(gate);
    try (Logged errors = new Logged(Level.SEVERE);
        IngestServer server =
            builder(sink)
                .source(Udp.on(0).maxDatagramSize(65_000))
                .spool(spooling().limit(1 << 20))
                .queueCapacity(64)
                .build()
                .start();
        Sender sender = new Sender(server)) {
      String filler = ",\"filler\":\"" + "x".repeat(50_000) + "\"}";
      sender.send(event(0));
      gate.awaitEntered();
      int sent = 1;
      while (errors.messages().isEmpty()) {
        sender.send("{\"id\":" + sent++ + filler);
        long expected = sent;
        if (errors.messages().isEmpty() && sent < 15) {
          Ledgers.await(server, stats -> stats.records().decoded() >= expected - 12);
        }
      }
      assertTrue(
          errors.messages().get(0).contains("its limit is 1048576"), errors.messages()::toString);
      gate.open();
      IngestStats end =
          Ledgers.await(
              server,
              stats ->
                  stats.messages().received() + stats.kernelDrops().orElse(0) == sender.sent()
                      && stats.records().queued() + stats.records().spooled() == 0);
      assertEquals(end.records().decoded(), end.records().persisted());
      assertEquals(sink.stored().size(), sink.stored().stream().distinct().count());
    }
  }

  @Test
  void a_journal_that_cannot_be_written_is_logged_and_counted_and_receiving_goes_on()
      throws Exception {
    MemorySink.Gate gate = new MemorySink.Gate();
    MemorySink sink = new MemorySink(gate);
    try (Logged errors = new Logged(Level.SEVERE);
        IngestServer server = smallJournal(sink).build().start();
        Sender sender = new Sender(server)) {
      String filler = ",\"filler\":\"" + "x".repeat(50_000) + "\"}";
      for (long id = 0; id < 40; id++) {
        sender.send("{\"id\":" + id + filler);
        long received = id + 1;
        Ledgers.await(server, stats -> stats.messages().received() == received);
      }
      errors.await("");
      gate.open();
      IngestStats end = Ledgers.await(server, stats -> stats.records().persisted() == 40);
      assertTrue(end.notJournaled() > 0 && end.notJournaled() <= 20, end::toString);
      assertEquals(ids(0, 40), sink.stored());
    }
  }

  @Test
  void s10_of_a_batch_that_is_only_partly_in_the_journal_that_part_has_its_position()
      throws Exception {
    MemorySink.Gate gate = new MemorySink.Gate();
    AtomicInteger withPosition = new AtomicInteger();
    MemorySink sink =
        new MemorySink(
            batch -> {
              gate.strike(batch);
              withPosition.addAndGet(batch.position().isPresent() ? batch.size() : 0);
            });
    try (IngestServer server = smallJournal(sink).build().start();
        Sender sender = new Sender(server)) {
      String filler = ",\"filler\":\"" + "x".repeat(20_000) + "\"}";
      long sent = 0;
      while (server.stats().notJournaled() < 3) { // of the batch that waits behind the first one
        sender.send("{\"id\":" + sent++ + filler);
        long received = sent;
        Ledgers.await(server, stats -> stats.messages().received() == received);
      }
      gate.open();
      long expected = sent;
      IngestStats end = Ledgers.await(server, stats -> stats.records().persisted() == expected);
      assertEquals(expected - end.notJournaled(), withPosition.get());
      assertEquals(ids(0, expected), sink.stored());
      assertTrue(sink.sizes().size() >= 3, "one batch for each part: " + sink.sizes());
    }
  }

  @Test
  void a_second_server_on_the_directory_is_refused_and_leaves_nothing() throws Exception {
    try (IngestServer first = builder(new MemorySink()).build().start()) {
      MemorySink sink = new MemorySink();
      IngestServer second = builder(sink).build();
      IOException refused = assertThrows(IOException.class, second::start);
      assertTrue(refused.getMessage().contains("is in use by another server"), refused::getMessage);
      assertEquals(0, sink.opened());
      assertEquals(0, first.stats().records().queued());
    }
    builder(new MemorySink()).build().start().close();
  }

  @Test
  void a_start_that_fails_releases_the_spool() throws Exception {
    IngestServer failing = builder(StartIT.failingToOpen(new IllegalStateException("no"))).build();
    assertThrows(SinkException.class, failing::start);
    builder(new MemorySink()).build().start().close();
  }

  @Test
  void at_the_drain_timeout_a_receiver_that_waits_for_room_keeps_its_datagram_in_the_spool()
      throws Exception {
    MemorySink.Gate gate = new MemorySink.Gate();
    IngestServer server =
        builder(new MemorySink(gate))
            .overflowPolicy(OverflowPolicy.BLOCK)
            .queueCapacity(10)
            .drainTimeout(Duration.ofMillis(500))
            .build()
            .start();
    try (Sender sender = new Sender(server)) {
      sender.sendEvents(0, 100);
      Ledgers.await(server, stats -> stats.records().queued() == 10);
      server.close();
      IngestStats end = Ledgers.balanced(server.stats());
      assertEquals(0, end.records().lost());
      assertEquals(sender.sent(), end.records().spooled() + end.kernelDrops().orElse(0));
    }
  }
}
