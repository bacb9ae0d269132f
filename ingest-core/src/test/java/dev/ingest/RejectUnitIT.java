package dev.ingest;

import static dev.ingest.Events.event;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.ingest.policy.RejectUnit;
import dev.ingest.stats.IngestStats;
import dev.ingest.stats.RejectReason;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What is rejected with a record that cannot be decoded: the whole datagram, or the record. */
class RejectUnitIT {
  @TempDir Path directory;

  private final MemorySink sink = new MemorySink();

  private IngestServer start(RejectUnit unit) throws Exception {
    return TestServers.builder(sink)
        .rejectUnit(unit)
        .deadLetters(letters())
        .batchSize(100)
        .build()
        .start();
  }

  private Path letters() {
    return directory.resolve("dead.ndjson");
  }

  /** Returns the reasons and the payloads of the dead letters. */
  private List<String> readLetters() throws Exception {
    return Files.readAllLines(letters()).stream()
        .map(
            line ->
                line.replaceAll(".*\"reason\":\"([A-Z_0-9]+)\".*\"payload\":\"(.*)\"}$", "$1 $2"))
        .toList();
  }

  @Test
  void one_bad_record_of_fifty_is_rejected_alone() throws Exception {
    String lines =
        IntStream.range(0, 50)
            .mapToObj(id -> id == 17 ? "{\"id\":nan}" : event(id))
            .collect(Collectors.joining("\n"));
    try (IngestServer server = start(RejectUnit.RECORD);
        Sender sender = new Sender(server)) {
      sender.send(lines);
      sender.send("[" + event(50) + ",{\"id\":\"x\"}, " + event(52) + ",{}]");
      IngestStats stats = Ledgers.await(server, s -> s.records().persisted() == 51);
      assertEquals(2, stats.messages().decoded());
      assertEquals(0, stats.messages().rejected());
      assertEquals(
          Map.of(
              RejectReason.MALFORMED_JSON,
              1L,
              RejectReason.WRONG_TYPE,
              1L,
              RejectReason.MISSING_FIELD,
              1L),
          stats.records().rejectedByReason());
    }
    assertEquals(
        List.of(
            "MALFORMED_JSON {\\\"id\\\":nan}",
            "WRONG_TYPE {\\\"id\\\":\\\"x\\\"}",
            "MISSING_FIELD {}"),
        readLetters());
    assertEquals(51, sink.stored().size());
    assertTrue(!sink.stored().contains(17L) && sink.stored().contains(52L));
  }

  @Test
  void a_message_without_a_good_record_is_rejected_with_a_letter_for_each() throws Exception {
    try (IngestServer server = start(RejectUnit.RECORD);
        Sender sender = new Sender(server)) {
      sender.send("hello\n{\"id\":1.5}\n{\"id\":");
      IngestStats stats = Ledgers.await(server, s -> s.messages().received() == 1);
      assertEquals(Map.of(RejectReason.MALFORMED_JSON, 1L), stats.messages().rejectedByReason());
      assertEquals(0, stats.records().rejected());
      assertEquals(0, stats.records().decoded());
    }
    assertEquals(
        List.of(
            "MALFORMED_JSON hello", "WRONG_TYPE {\\\"id\\\":1.5}", "MALFORMED_JSON {\\\"id\\\":"),
        readLetters());
  }

  @Test
  void too_many_records_are_rejected_as_a_whole() throws Exception {
    try (IngestServer server = start(RejectUnit.RECORD);
        Sender sender = new Sender(server)) {
      sender.send(Events.array(0, 101));
      IngestStats stats = Ledgers.await(server, s -> s.messages().received() == 1);
      assertEquals(Map.of(RejectReason.TOO_MANY_RECORDS, 1L), stats.messages().rejectedByReason());
      assertEquals(1, readLetters().size());
    }
  }

  @Test
  void a_datagram_is_rejected_whole_unless_set_otherwise() throws Exception {
    try (IngestServer server = start(RejectUnit.DATAGRAM);
        Sender sender = new Sender(server)) {
      sender.send(event(1) + "\n{}\n" + event(2));
      IngestStats stats = Ledgers.await(server, s -> s.messages().received() == 1);
      assertEquals(Map.of(RejectReason.MISSING_FIELD, 1L), stats.messages().rejectedByReason());
      assertEquals(0, stats.records().decoded());
    }
    assertEquals(1, readLetters().size());
  }

  @Test
  void a_message_that_is_decoded_again_into_a_new_batch_has_its_letters_once() throws Exception {
    MemorySink.Gate gate = new MemorySink.Gate();
    MemorySink held = new MemorySink(gate);
    try (IngestServer server =
            TestServers.builder(held)
                .rejectUnit(RejectUnit.RECORD)
                .deadLetters(letters())
                .batchSize(100)
                .build()
                .start();
        Sender sender = new Sender(server)) {
      sender.send(event(0));
      gate.awaitEntered();
      sender.send(Events.array(1, 61)); // waits for the writer, and grows
      String bad = "[{}," + Events.array(61, 120).substring(1);
      sender.send(bad); // does not fit behind it
      Ledgers.await(server, s -> s.messages().decoded() == 3);
      gate.open();
      Ledgers.await(server, s -> s.records().persisted() == 120);
      assertEquals(1, server.stats().records().rejected());
    }
    assertEquals(List.of("MISSING_FIELD {}"), readLetters());
  }

  @Test
  void a_mark_before_the_first_record_and_zeros_after_the_last_one_are_skipped() throws Exception {
    try (IngestServer server = start(RejectUnit.DATAGRAM);
        Sender sender = new Sender(server)) {
      sender.send("\ufeff" + event(1));
      sender.send(event(2) + "\r\n\0\0");
      sender.send("\0");
      IngestStats stats = Ledgers.await(server, s -> s.messages().received() == 3);
      assertEquals(Map.of(RejectReason.EMPTY, 1L), stats.messages().rejectedByReason());
      Ledgers.await(server, s -> s.records().persisted() == 2);
      assertEquals(List.of(1L, 2L), sink.stored());
    }
  }
}
