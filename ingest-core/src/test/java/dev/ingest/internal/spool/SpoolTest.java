package dev.ingest.internal.spool;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.awaitility.Awaitility.waitAtMost;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.ingest.internal.batch.Batch;
import dev.ingest.internal.batch.Rows;
import dev.ingest.internal.deliver.ReplayedRecords;
import dev.ingest.internal.json.JsonDecoder;
import dev.ingest.internal.ledger.Ledger;
import dev.ingest.internal.ledger.Levels;
import dev.ingest.policy.JournalSync;
import dev.ingest.policy.Spooling;
import dev.ingest.record.JournalPosition;
import dev.ingest.record.Schema;
import dev.ingest.stats.DropReason;
import dev.ingest.stats.IngestStats;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.List;
import java.util.OptionalLong;
import java.util.stream.LongStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Assertions;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.DisabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;

class SpoolTest {
  private static final Schema SCHEMA =
      Schema.builder("events").integer("id").text("text").optional().build();
  private static final InetSocketAddress SOURCE =
      new InetSocketAddress(InetAddress.getLoopbackAddress(), 4711);
  private static final long LIMIT = 1 << 20;
  private static final Duration PATIENCE = Duration.ofSeconds(60);

  @TempDir Path directory;
  private final JsonDecoder decoder = new JsonDecoder(SCHEMA);
  private final Ledger ledger = new Ledger();
  private Spooling spooling;
  private Spool spool;

  @BeforeEach
  void open() throws IOException {
    spooling = Spooling.in(directory).limit(LIMIT);
    open(false);
  }

  private static Spool opened(Spooling spooling, int receivers) throws IOException {
    return Spool.open(
        spooling,
        receivers,
        new Spool.Failures(
            Assertions::fail, records -> Assertions.fail(records + " not journaled")));
  }

  @AfterEach
  void close() throws IOException {
    spool.close();
  }

  private void open(boolean journal) throws IOException {
    spool = opened(journal ? spooling.journal(JournalSync.NEVER) : spooling, 1);
  }

  /** What a crash leaves: the files as they are. */
  private void reopen(boolean journal) throws IOException {
    spool.close();
    open(journal);
  }

  private Batch batch(String... datagrams) throws Exception {
    Batch batch = new Batch(SCHEMA);
    for (String datagram : datagrams) {
      add(batch, datagram);
    }
    return batch;
  }

  private void add(Batch batch, String datagram) throws Exception {
    byte[] bytes = datagram.getBytes(UTF_8);
    int offset = batch.append(ByteBuffer.wrap(bytes));
    decoder.decode(batch, offset, bytes.length);
    batch.commit(SOURCE, 0, offset + bytes.length);
  }

  private void journal(int receiver, Batch batch) {
    JournalWrite write = spool.journalWrite(receiver, batch);
    write.run();
    assertEquals(0, write.finish());
  }

  private static String[] events(long from, long to) {
    return LongStream.range(from, to).mapToObj(id -> "{\"id\":" + id + "}").toArray(String[]::new);
  }

  private List<Path> files(String suffix) throws IOException {
    try (Stream<Path> files = Files.list(directory)) {
      return files.filter(file -> file.toString().endsWith(suffix)).sorted().toList();
    }
  }

  private Path onlySegment() throws IOException {
    List<Path> segments = files(".ndjson");
    assertEquals(1, segments.size(), segments::toString);
    return segments.get(0);
  }

  private IngestStats.Records records() {
    return ledger.snapshot(new Levels(OptionalLong.empty(), 10, 0, 0)).records();
  }

  private ReplayedRecords replay(int batchSize) {
    return new ReplayedRecords(spool, SCHEMA, batchSize, ledger);
  }

  /** Replays and settles all; gives the numbers. */
  private List<Long> replayAll(int batchSize) throws IOException {
    List<Long> ids = new ArrayList<>();
    try (ReplayedRecords replay = replay(batchSize)) {
      Batch batch;
      while ((batch = replay.next()) != null) {
        Rows rows = batch.all();
        for (int row = 0; row < rows.size(); row++) {
          ids.add(rows.getLong(row, 0));
        }
        spool.settle(rows);
        replay.advance(rows.size());
      }
    }
    return ids;
  }

  @Test
  void records_are_lines_exactly_as_they_came() throws Exception {
    assertTrue(
        spool.defer(
            batch(
                " [ {\"id\":1 , \"text\":\"a\\nb\"},{ \"id\" : 2,\"more\":[1,\n2]}\t]",
                "{\"id\":3}\n{\"id\":4,\"text\":\"\u00e9\u20ac\"}\r\n"),
            0));
    assertEquals(
        List.of(
            "{\"id\":1 , \"text\":\"a\\nb\"}",
            "{ \"id\" : 2,\"more\":[1, 2]}",
            "{\"id\":3}",
            "{\"id\":4,\"text\":\"\u00e9\u20ac\"}"),
        recordsOf(onlySegment()));
  }

  /** The records that stand in a file, without their checks. */
  private static List<String> recordsOf(Path segment) throws IOException {
    return Files.readAllLines(segment).stream()
        .peek(line -> assertTrue(line.substring(line.length() - 32).matches("[ \t]{32}"), line))
        .map(line -> line.substring(0, line.length() - 32))
        .toList();
  }

  private static void overwrite(Path segment, String... records) throws IOException {
    Files.writeString(segment, Lines.of(Lines.segment(segment), 0, List.of(records)), ISO_8859_1);
  }

  @Test
  void what_is_deferred_is_replayed_in_its_order_and_the_files_are_removed() throws Exception {
    spool.defer(batch(events(0, 10)), 4);
    spool.defer(batch(events(10, 20)), 0);
    assertTrue(spool.hasPending());
    assertEquals(LongStream.range(4, 20).boxed().toList(), replayAll(7));
    assertFalse(spool.hasPending());
    assertEquals(List.of(), files(".ndjson"));
    assertEquals(List.of(), files(".settled"));
    assertEquals(1, spool.takeRemoved().size());
  }

  @Test
  void a_segment_is_removed_only_when_all_of_it_is_settled() throws Exception {
    spool.defer(batch(events(0, 10)), 0);
    Path segment = onlySegment();
    try (ReplayedRecords replay = replay(4)) {
      for (int left = 10; left > 0; left -= 4) {
        assertTrue(Files.exists(segment));
        Batch batch = replay.next();
        spool.settle(batch.all());
        replay.advance(batch.rows());
      }
    }
    assertTrue(Files.notExists(segment));
  }

  @Test
  void what_was_not_settled_is_replayed_by_the_next_run_and_nothing_else() throws Exception {
    spool.defer(batch(events(0, 10)), 0);
    try (ReplayedRecords replay = replay(10)) {
      Batch batch = replay.next();
      spool.settle(batch.all().slice(0, 2));
      spool.settle(batch.all().slice(2, 3));
      spool.settle(batch.all().slice(6, 8)); // 3, 4, 5, 8 and 9 are not
    }
    reopen(false);
    assertEquals(5, spool.unsettled());
    assertEquals(List.of(3L, 4L, 5L, 8L, 9L), replayAll(10));
    assertEquals(List.of(), files(".ndjson"));
  }

  @Test
  void a_torn_last_line_is_cut_off_and_counted_and_costs_nothing_else() throws Exception {
    spool.defer(batch(events(0, 5)), 0);
    spool.close();
    Files.writeString(onlySegment(), "{\"id\":5,\"te", StandardOpenOption.APPEND);
    open(false);
    assertEquals(1, spool.tornLines());
    assertEquals(5, spool.unsettled());
    assertEquals(5, Files.readAllLines(onlySegment()).size());
    reopen(false);
    assertEquals(0, spool.tornLines(), "it is counted once");
    assertEquals(List.of(0L, 1L, 2L, 3L, 4L), replayAll(10));
  }

  @Test
  void a_removal_that_a_crash_cut_short_is_finished() throws Exception {
    spool.defer(batch(events(0, 5)), 0);
    try (ReplayedRecords replay = replay(2)) {
      spool.settle(replay.next().all());
    }
    String name = onlySegment().getFileName().toString().replace(".ndjson", "");
    Files.delete(onlySegment());
    spool.close();
    assertEquals(1, files(".settled").size());
    open(false);
    assertEquals(List.of(), files(".settled"));
    assertEquals(List.of(name), spool.takeRemoved());
    assertFalse(spool.hasPending());
  }

  @Test
  void a_torn_line_that_was_all_is_counted_and_the_file_removed() throws Exception {
    spool.defer(batch(events(0, 1)), 0);
    spool.close();
    Files.writeString(onlySegment(), "{\"id\":5,\"te");
    open(false);
    assertEquals(1, spool.tornLines());
    assertEquals(List.of(), files(".ndjson"));
  }

  private Path notes() throws IOException {
    return directory.resolve(Lines.segment(onlySegment()) + ".settled");
  }

  private String note(String numbers) throws IOException {
    return Lines.note(Lines.segment(onlySegment()), numbers) + "\n";
  }

  @Test
  void torn_or_damaged_notes_of_what_is_settled_never_lose_a_record() throws Exception {
    spool.defer(batch(events(0, 10)), 0);
    spool.close();
    String damaged = note("3 1").replace('3', '6');
    Files.writeString(
        notes(),
        note("0 2")
            + "rubbish\n"
            + note("5 99999")
            + "-3 4\n2 1\n\0\0\0\n"
            + damaged
            + note("4 1")
            + note("8 1").strip());
    open(false);
    assertEquals(List.of(2L, 3L, 5L, 6L, 7L, 9L), replayAll(10));
  }

  @Test
  void notes_go_on_after_a_torn_one() throws Exception {
    spool.defer(batch(events(0, 30)), 0);
    spool.close();
    Files.writeString(notes(), note("0 10") + "1"); // was to be "10 ..."
    open(false);
    try (ReplayedRecords replay = replay(1)) {
      spool.settle(replay.next().all());
    }
    reopen(false);
    assertEquals(19, spool.unsettled());
    assertEquals(LongStream.range(11, 30).boxed().toList(), replayAll(10));
  }

  @Test
  void what_the_sink_has_stored_is_not_replayed() throws Exception {
    spool.defer(batch(events(0, 10)), 0);
    reopen(false);
    String name = spool.recoveredSegments().iterator().next();
    BitSet stored = new BitSet();
    stored.set(2, 9);
    stored.set(500); // beyond the end: of no line that is there
    assertEquals(7, spool.settleStored(name, stored));
    assertEquals(0, spool.settleStored(name, stored));
    assertEquals(List.of(0L, 1L, 9L), replayAll(10));
  }

  @Test
  void the_journal_has_every_record_before_it_is_queued() throws Exception {
    reopen(true);
    Batch batch = batch(events(0, 3));
    journal(0, batch);
    assertEquals(3, batch.onDisk());
    add(batch, "[{\"id\":3},{\"id\":4}]");
    assertTrue(batch.all().position().isEmpty(), "not all is on disk");
    journal(0, batch);
    assertEquals(5, batch.onDisk());
    String name = onlySegment().getFileName().toString().replace(".ndjson", "");
    assertEquals(new JournalPosition(name, 0), batch.all().position().orElseThrow());
    assertEquals(new JournalPosition(name, 3), batch.all().slice(3, 5).position().orElseThrow());
    assertEquals(List.of(events(0, 5)), recordsOf(onlySegment()));
    assertFalse(spool.hasPending());
    spool.settle(batch.all().slice(0, 4));
    spool.defer(batch, 4);
    assertEquals(List.of(4L), replayAll(10));
    assertTrue(Files.exists(onlySegment()), "it is still appended to");
    spool.sealSegments();
    assertEquals(List.of(), files(".ndjson"));
  }

  @Test
  void the_next_run_replays_the_journal() throws Exception {
    reopen(true);
    Batch batch = batch(events(0, 10));
    journal(0, batch);
    spool.settle(batch.all().slice(0, 6));
    reopen(true);
    assertEquals(List.of(6L, 7L, 8L, 9L), replayAll(10));
  }

  @Test
  void segments_are_of_bounded_size_and_replayed_oldest_first() throws Exception {
    spool.close();
    spool = opened(Spooling.in(directory).limit(100L << 20), 1);
    String filler = "x".repeat(1 << 14);
    int records = 0;
    while (files(".ndjson").size() < 3) {
      Batch batch = new Batch(SCHEMA);
      for (int i = 0; i < 64; i++) {
        add(batch, "{\"id\":" + records++ + ",\"text\":\"" + filler + "\"}");
      }
      spool.defer(batch, 0);
    }
    for (Path segment : files(".ndjson")) {
      assertTrue(Files.size(segment) < Appender.SEGMENT_BYTES + (2 << 20), segment::toString);
    }
    assertEquals(LongStream.range(0, records).boxed().toList(), replayAll(100));
    assertEquals(List.of(), files(".ndjson"));
  }

  @Test
  void the_limit_refuses_what_would_exceed_it_and_there_is_room_again_later() throws Exception {
    String text = "x".repeat(60_000);
    int kept = 0;
    while (spool.defer(batch("{\"id\":" + kept + ",\"text\":\"" + text + "\"}"), 0)) {
      kept++;
    }
    assertEquals(LIMIT / (60_024 + 33), kept);
    assertEquals(LongStream.range(0, kept).boxed().toList(), replayAll(5));
    waitAtMost(PATIENCE).until(() -> spool.defer(batch(events(0, 1)), 0));
  }

  @Test
  void a_journal_of_which_all_is_stored_never_reaches_the_limit() throws Exception {
    reopen(true);
    String text = "x".repeat(60_000);
    for (int i = 0; i < 3 * LIMIT / text.length(); i++) {
      Batch batch = batch("{\"id\":" + i + ",\"text\":\"" + text + "\"}");
      journal(0, batch);
      assertEquals(1, batch.onDisk(), "record " + i);
      spool.settle(batch.all());
    }
  }

  @Test
  void the_rows_of_a_batch_are_consecutive_lines_though_receivers_take_turns() throws Exception {
    spool.close();
    spool = opened(spooling.journal(JournalSync.NEVER), 2);
    Batch first = batch("{\"id\":0}");
    Batch second = batch("{\"id\":1}");
    for (int id = 2; id < 20; id += 2) {
      journal(0, first);
      journal(1, second);
      add(first, "{\"id\":" + id + "}");
      add(second, "{\"id\":" + (id + 1) + "}");
    }
    journal(1, second);
    assertEquals(9, first.onDisk());
    assertEquals(10, second.onDisk());
    spool.settle(second.all());
    assertEquals(2, files(".ndjson").size(), "a journal that is appended to stays");
    spool.sealSegments();
    assertEquals(1, files(".ndjson").size());
    assertEquals(9, spool.unsettled());
  }

  @Test
  void a_journal_that_is_full_is_removed_as_soon_as_all_in_it_is_stored() throws Exception {
    reopen(true);
    String text = "x".repeat(60_000);
    List<Batch> kept = new ArrayList<>();
    Batch next = batch("{\"id\":0,\"text\":\"" + text + "\"}");
    for (journal(0, next); next.onDisk() == 1; journal(0, next)) {
      kept.add(next);
      next = batch("{\"id\":0,\"text\":\"" + text + "\"}");
    }
    assertTrue(files(".ndjson").size() > 0);
    for (Batch batch : kept) {
      spool.settle(batch.all());
    }
    assertEquals(List.of(), files(".ndjson"));
    Batch refused = next;
    waitAtMost(PATIENCE)
        .until(
            () -> {
              journal(0, refused);
              return refused.onDisk() == 1;
            });
  }

  @Test
  void an_interrupt_keeps_no_segment_from_being_made_or_removed() throws Exception {
    spool.close();
    spool = opened(spooling.journal(JournalSync.ALWAYS), 1);
    Thread.currentThread().interrupt();
    Batch batch = batch(events(0, 3));
    journal(0, batch);
    assertEquals(3, batch.onDisk());
    spool.settle(batch.all());
    spool.sealSegments();
    assertTrue(Thread.interrupted(), "the flag is kept");
    assertEquals(1, spool.takeRemoved().size());
    assertEquals(List.of(), files(".ndjson"));
    assertEquals(List.of(), files(".settled"));
  }

  @Test
  void a_second_server_is_refused_with_the_process_that_has_the_directory() {
    IOException refused = assertThrows(IOException.class, () -> opened(spooling, 1));
    assertTrue(refused.getMessage().contains(directory.toString()), refused::getMessage);
    assertTrue(
        refused.getMessage().contains("of the process " + ProcessHandle.current().pid()),
        refused::getMessage);
  }

  @Test
  void a_directory_that_is_a_file_is_refused() throws Exception {
    Path file = Files.createFile(directory.resolve("file"));
    IOException refused = assertThrows(IOException.class, () -> opened(Spooling.in(file), 1));
    assertTrue(
        refused.getMessage().startsWith("cannot use the spool directory " + file),
        refused::getMessage);
  }

  @Test
  void other_files_in_the_directory_are_left_alone() throws Exception {
    Path other = Files.writeString(directory.resolve("0000000001.ndjson"), "{\"id\":77}\n");
    reopen(false);
    assertEquals(0, spool.unsettled());
    assertTrue(Files.exists(other));
  }

  @Test
  void notes_on_a_segment_that_a_crash_has_left_alone_are_removed() throws Exception {
    Path left =
        Files.writeString(directory.resolve("0000000001-00112233445566ff.settled"), "0 1\n");
    Path other = Files.writeString(directory.resolve("mine.settled"), "0 1\n");
    reopen(false);
    assertTrue(Files.notExists(left));
    assertTrue(Files.exists(other));
  }

  @Test
  void what_follows_a_file_that_is_gone_goes_to_a_new_one() throws Exception {
    spool.defer(batch(events(0, 3)), 0);
    Files.delete(onlySegment());
    assertEquals(List.of(), replayAll(10));
    spool.defer(batch(events(3, 5)), 0);
    assertTrue(Files.exists(onlySegment()));
    assertEquals(List.of(3L, 4L), replayAll(10));
  }

  @Test
  void lines_that_are_no_records_become_dead_letters_and_the_others_are_replayed()
      throws Exception {
    spool.defer(batch(events(0, 3)), 0);
    spool.close();
    overwrite(
        onlySegment(),
        "{\"id\":0}",
        "{\"id\":\"not a number\"}",
        " ",
        "{\"id\":1}{\"id\":2}",
        "[{\"id\":3},{\"id\":4}]",
        "\0\0\0\0",
        "{\"id\":5}");
    open(false);
    ledger.recovered(spool.unsettled(), 0);
    assertEquals(7, spool.unsettled());
    assertEquals(List.of(0L, 5L), replayAll(10));
    List<String> letters = Files.readAllLines(directory.resolve("unreadable.ndjson"));
    assertEquals(5, letters.size(), letters::toString);
    assertTrue(letters.get(0).contains("\"reason\":\"WRONG_TYPE\""), letters::toString);
    assertTrue(letters.get(0).contains(":1\""), "the line: " + letters);
    assertEquals(5, records().deadLettered());
  }

  @Test
  void a_line_that_no_datagram_can_hold_becomes_a_dead_letter() throws Exception {
    spool.defer(batch(events(0, 3)), 0);
    spool.close();
    String tooLong = "{\"id\":1,\"text\":\"" + "x".repeat(2 << 20) + "\"}";
    overwrite(onlySegment(), "{\"id\":0}", tooLong, "{\"id\":2}");
    open(false);
    assertEquals(List.of(0L, 2L), replayAll(10));
    assertEquals(1, Files.readAllLines(directory.resolve("unreadable.ndjson")).size());
    assertEquals(0, spool.unsettled());
  }

  @Test
  void a_file_that_is_gone_is_counted_and_the_others_are_replayed() throws Exception {
    spool.defer(batch(events(0, 3)), 0);
    spool.sealSegments();
    spool.defer(batch(events(3, 5)), 0);
    Files.delete(files(".ndjson").get(0));
    assertEquals(List.of(3L, 4L), replayAll(10));
    assertEquals(3L, records().droppedByReason().get(DropReason.SPOOL_FILE_GONE));
  }

  @Test
  void a_file_that_was_cut_is_counted_for_what_it_lacks() throws Exception {
    spool.defer(batch(events(0, 3)), 0);
    spool.sealSegments();
    try (FileChannel file = FileChannel.open(onlySegment(), StandardOpenOption.WRITE)) {
      file.truncate(file.size() / 3);
    }
    assertEquals(List.of(0L), replayAll(10));
    assertEquals(2L, records().droppedByReason().get(DropReason.SPOOL_FILE_GONE));
    assertEquals(List.of(), files(".ndjson"));
  }

  @Test
  @DisabledOnOs(value = OS.WINDOWS, disabledReason = "a directory with open files cannot be moved")
  void a_write_that_fails_is_tried_again_a_second_later() throws Exception {
    Path moved = directory.resolveSibling(directory.getFileName() + "-moved");
    Files.move(directory, moved);
    long start = System.nanoTime();
    try {
      assertFalse(spool.defer(batch(events(0, 1)), 0));
    } finally {
      Files.move(moved, directory);
    }
    Batch batch = batch(events(0, 1));
    waitAtMost(PATIENCE).until(() -> spool.defer(batch, 0));
    assertTrue(System.nanoTime() - start >= 1_000_000_000);
    assertEquals(List.of(0L), replayAll(1));
  }

  @Test
  void no_name_is_ever_used_twice() throws Exception {
    spool.defer(batch(events(0, 1)), 0);
    String first = onlySegment().getFileName().toString();
    replayAll(1);
    reopen(false);
    spool.defer(batch(events(0, 1)), 0);
    String second = onlySegment().getFileName().toString();
    assertEquals(first.substring(0, 11), second.substring(0, 11), "numbers begin anew");
    assertFalse(first.equals(second));
  }

  @Test
  void every_second_and_always_sync_without_losing_their_way() throws Exception {
    for (JournalSync sync : List.of(JournalSync.EVERY_SECOND, JournalSync.ALWAYS)) {
      spool.close();
      spool = opened(spooling.journal(sync), 1);
      for (int i = 0; i < 20; i++) {
        Batch batch = batch(events(i, i + 1));
        journal(0, batch);
        assertEquals(1, batch.onDisk());
        if (i % 2 == 0) {
          spool.settle(batch.all());
        }
      }
      reopen(true);
      assertEquals(10, replayAll(100).size());
    }
    assertNull(spool.next());
  }
}
