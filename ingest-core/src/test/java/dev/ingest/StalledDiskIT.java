package dev.ingest;

import static dev.ingest.Events.event;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTimeoutPreemptively;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.ingest.internal.spool.Stall;
import dev.ingest.policy.JournalSync;
import dev.ingest.policy.Spooling;
import dev.ingest.record.JournalPosition;
import dev.ingest.record.RecordBatch;
import dev.ingest.source.Udp;
import dev.ingest.stats.IngestStats;
import java.io.IOException;
import java.lang.reflect.Field;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CountDownLatch;
import java.util.logging.Level;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** No call on a disk holds a close, and the account is right though one never returns. */
class StalledDiskIT {
  /**
   * More than the drain timeout, the graces and the work; a stall that is waited for has no end.
   */
  private static final Duration IN_TIME = Duration.ofSeconds(30);

  private static final Duration DRAIN_TIMEOUT = Duration.ofMillis(200);
  private static final int SENDERS = 8;

  @TempDir Path directory;
  private final List<Sender> senders = new ArrayList<>();
  private int sent;

  /** Remembers positions as a database would: together with the records. */
  private static final class PositionSink extends MemorySink {
    private final Map<String, BitSet> positions = new HashMap<>();

    @Override
    public void write(RecordBatch batch) throws Exception {
      super.write(batch);
      if (batch.position().isPresent()) {
        JournalPosition first = batch.position().get();
        positions
            .computeIfAbsent(first.segment(), name -> new BitSet())
            .set((int) first.line(), (int) first.line() + batch.size());
      }
    }

    @Override
    public BitSet stored(String segment) {
      return positions.getOrDefault(segment, new BitSet());
    }
  }

  private IngestServerBuilder builder(MemorySink sink, String journal, int receivers) {
    Spooling spooling = Spooling.in(spool());
    return TestServers.builder(sink)
        .source(Udp.on(0).receivers(receivers))
        .spool(journal.equals("none") ? spooling : spooling.journal(JournalSync.valueOf(journal)))
        .drainTimeout(DRAIN_TIMEOUT);
  }

  private Path spool() {
    return directory.resolve("spool");
  }

  private static Object field(Object owner, String name) throws Exception {
    Field field = owner.getClass().getDeclaredField(name);
    field.setAccessible(true);
    return field.get(owner);
  }

  private static Stall stallBelow(IngestServer server, Stall.Of what) throws Exception {
    return Stall.below(field(field(field(server, "pipeline"), "custody"), "spool"), what);
  }

  private void send(IngestServer server, int events) throws IOException {
    while (senders.size() < SENDERS) {
      senders.add(new Sender(server));
    }
    for (int i = 0; i < events; i++) {
      senders.get(sent % SENDERS).send(event(sent++));
    }
    for (Sender sender : senders) {
      sender.awaitArrival();
    }
  }

  @AfterEach
  void closeSenders() throws IOException {
    for (Sender sender : senders) {
      sender.close();
    }
  }

  private IngestStats closeInTime(IngestServer server) {
    assertTimeoutPreemptively(IN_TIME, server::close);
    IngestStats end = Ledgers.balanced(server.stats());
    assertEquals(sent, end.messages().received() + end.kernelDrops().orElse(0), end::toString);
    assertEquals(0, end.records().queued());
    return end;
  }

  /** Waits until no thread of a server is left, once the disk answers again. */
  private static void awaitEndOfThreads() {
    Ledgers.await(
        () ->
            Thread.getAllStackTraces().keySet().stream()
                .map(Thread::getName)
                .filter(name -> name.startsWith("ingest-") && !name.equals("ingest-log"))
                .allMatch(name -> name.equals("ingest-writer"))); // which the sink may hold
  }

  private List<String> linesOfSpool() throws IOException {
    List<String> lines = new ArrayList<>();
    try (Stream<Path> files = Files.list(spool())) {
      for (Path file : files.filter(one -> one.toString().endsWith(".ndjson")).toList()) {
        Files.readAllLines(file).forEach(line -> lines.add(line.stripTrailing()));
      }
    }
    assertEquals(lines.size(), Set.copyOf(lines).size(), "a record stands there twice");
    return lines;
  }

  private IngestStats storeTheRest(MemorySink sink) throws Exception {
    try (IngestServer next = builder(sink, "none", 1).build().start()) {
      return Ledgers.await(
          next, stats -> stats.records().spooled() + stats.records().queued() == 0);
    }
  }

  @ParameterizedTest
  @CsvSource({
    "RECORDS, ALWAYS, 2",
    "RECORDS, NEVER, 1",
    "RECORDS, none, 2",
    "NOTES, NEVER, 1",
    "SYNCS, ALWAYS, 2",
    "SYNCS, EVERY_SECOND, 1",
    "ALL, EVERY_SECOND, 2",
    "ALL, none, 1"
  })
  void what_is_spooled_is_what_stands_in_the_spool(Stall.Of what, String journal, int receivers)
      throws Exception {
    MemorySink hung = new MemorySink(new MemorySink.Gate(false));
    IngestServer server =
        builder(hung, journal, receivers)
            .queueCapacity(journal.equals("none") ? 10 : 1_000)
            .build()
            .start();
    IngestStats end;
    List<String> written;
    try (Logged errors = new Logged(Level.SEVERE);
        Stall stall = stallBelow(server, what)) {
      send(server, 60);
      Ledgers.await(server, stats -> stats.records().decoded() == sent);
      stall.begin();
      send(server, 40);
      end = closeInTime(server);
      written = linesOfSpool();
      if (stall.wasMet()) {
        errors.await("the disk of the spool", "did not answer");
      }
      assertTrue(stall.wasMet() || what == Stall.Of.NOTES, "there was no stall");
    }
    assertEquals(written.size(), end.records().spooled(), end::toString);
    assertEquals(end.records().decoded() - written.size(), end.records().lost(), end::toString);
    awaitEndOfThreads();
    List<String> later = linesOfSpool();
    assertTrue(later.containsAll(written), "what was written stays");
    MemorySink well = new MemorySink();
    assertEquals(later.size(), storeTheRest(well).records().recovered());
    assertEquals(later.size(), Set.copyOf(well.stored()).size());
    assertEquals(later.size(), well.stored().size(), "stored twice");
  }

  @ParameterizedTest
  @CsvSource({"RECORDS, NEVER, 2", "NOTES, EVERY_SECOND, 1", "SYNCS, ALWAYS, 2", "ALL, ALWAYS, 1"})
  void nothing_is_stored_twice(Stall.Of what, String journal, int receivers) throws Exception {
    PositionSink sink = new PositionSink();
    IngestServer server = builder(sink, journal, receivers).build().start();
    IngestStats end;
    try (Stall stall = stallBelow(server, what)) {
      send(server, 60);
      Ledgers.await(server, stats -> stats.records().persisted() == sent);
      stall.begin();
      send(server, 40);
      end = closeInTime(server);
    }
    awaitEndOfThreads();
    assertEquals(end.records().persisted(), sink.stored().size());
    IngestStats after = storeTheRest(sink);
    assertEquals(sink.stored().size(), Set.copyOf(sink.stored()).size(), "stored twice");
    assertTrue(after.records().recovered() >= end.records().spooled(), after + " after " + end);
    assertTrue(
        after.records().recovered() <= end.records().spooled() + end.records().lost(),
        after + " after " + end);
  }

  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void of_dead_letters_loses_no_record(boolean spooling) throws Exception {
    PositionSink sink = new PositionSink();
    IngestServerBuilder settings =
        TestServers.builder(sink)
            .source(Udp.on(0).receivers(2))
            .deadLetters(directory.resolve("letters"))
            .drainTimeout(Duration.ofSeconds(1));
    if (spooling) {
      settings.spool(Spooling.in(spool()).journal(JournalSync.NEVER));
    }
    IngestServer server = settings.build().start();
    Object letters = field(field(server, "pipeline"), "deadLetters");
    CountDownLatch over = new CountDownLatch(1);
    Thread stall = holdLock(letters, over); // as a write does that never returns
    IngestStats end;
    try (Logged errors = new Logged(Level.SEVERE)) {
      send(server, 20);
      for (Sender sender : senders) {
        sender.send("no record");
        sent++;
      }
      send(server, 40);
      end = closeInTime(server);
      errors.await("the disk of the dead-letter file", "did not answer");
      assertEquals(60, end.records().persisted() + end.records().spooled(), end::toString);
      assertEquals(60, Set.copyOf(sink.stored()).size() + end.records().spooled());
      assertEquals(SENDERS, end.messages().rejected());
      assertEquals(SENDERS, end.deadLettersNotKept());
    } finally {
      over.countDown();
    }
    stall.join();
    awaitEndOfThreads();
    assertTrue(Files.readAllLines(directory.resolve("letters")).size() <= SENDERS);
    settings.build().start().close(); // nothing is locked any more
  }

  private static Thread holdLock(Object lock, CountDownLatch over) throws InterruptedException {
    CountDownLatch held = new CountDownLatch(1);
    Thread holder =
        new Thread(
            () -> {
              synchronized (lock) {
                held.countDown();
                try {
                  over.await();
                } catch (InterruptedException e) {
                  throw new AssertionError(e);
                }
              }
            });
    holder.setDaemon(true);
    holder.start();
    held.await();
    return holder;
  }
}
