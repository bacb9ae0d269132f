package dev.ingest;

import static dev.ingest.Events.array;
import static dev.ingest.Events.event;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.ingest.sink.SinkException;
import dev.ingest.source.Udp;
import dev.ingest.stats.DropReason;
import dev.ingest.stats.IngestStats;
import dev.ingest.testing.ChildJvm;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Base64;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;

class DeadLettersIT {
  private static final Pattern LETTER =
      Pattern.compile(
          "\\{\"time\":\"[0-9T:.-]+Z\",\"source\":\"(?<source>[0-9.]+:[0-9]+)\","
              + "\"reason\":\"(?<reason>[A-Z_0-9]+)\",\"detail\":\"(?<detail>.+)\","
              + "\"(?<key>payload|payloadBase64)\":\"(?<payload>.*)\"\\}");

  @TempDir Path directory;

  private final MemorySink sink =
      new MemorySink(
          batch -> {
            if (MemorySink.ids(batch).contains(13L)) {
              throw SinkException.permanent("not \"13\"");
            }
          });

  private IngestServer start(Path file) throws Exception {
    return TestServers.builder(sink)
        .deadLetters(file)
        .source(Udp.on(0).maxDatagramSize(1_000))
        .build()
        .start();
  }

  private static Matcher letter(String line) {
    Matcher letter = LETTER.matcher(line);
    assertTrue(letter.matches(), line);
    return letter;
  }

  @Test
  void rejected_datagrams_and_refused_records_are_kept_as_they_came() throws Exception {
    Path file = directory.resolve("dead.ndjson");
    byte[] notUtf8 = {'{', (byte) 0xff, '}'};
    try (IngestServer server = start(file);
        Sender sender = new Sender(server)) {
      sender.send("{\"id\":\n");
      sender.send(notUtf8);
      Ledgers.await(server, stats -> stats.messages().rejected() == 2);
      sender.send("[" + event(12) + ", {\"id\" : 13, \"extra\":\"\u00e9\"} ," + event(14) + "]");
      IngestStats stats =
          Ledgers.await(
              server, s -> s.records().deadLettered() == 1 && s.records().persisted() == 2);
      assertEquals(0, stats.records().dropped());
      List<String> lines = Files.readAllLines(file); // there before the close
      assertEquals(3, lines.size());

      Matcher malformed = letter(lines.get(0));
      assertEquals("MALFORMED_JSON", malformed.group("reason"));
      assertEquals("payload", malformed.group("key"));
      assertEquals("{\\\"id\\\":\\n", malformed.group("payload"));
      assertEquals("127.0.0.1:" + sender.localAddress().getPort(), malformed.group("source"));

      Matcher bytes = letter(lines.get(1));
      assertEquals("BAD_UTF8", bytes.group("reason"));
      assertEquals("payloadBase64", bytes.group("key"));
      assertEquals(Base64.getEncoder().encodeToString(notUtf8), bytes.group("payload"));

      Matcher refused = letter(lines.get(2));
      assertEquals("REFUSED", refused.group("reason"));
      assertTrue(refused.group("detail").contains("not \\\"13\\\""), refused.group("detail"));
      assertEquals("{\\\"id\\\" : 13, \\\"extra\\\":\\\"\u00e9\\\"}", refused.group("payload"));
    }
    assertEquals(List.of(12L, 14L), sink.stored());
  }

  @Test
  void the_next_server_appends() throws Exception {
    Path file = directory.resolve("dead.ndjson");
    for (int run = 1; run <= 2; run++) {
      try (IngestServer server = start(file);
          Sender sender = new Sender(server)) {
        sender.send("bad " + run);
        sender.send(array(13, 14));
        Ledgers.await(server, s -> s.messages().received() == 2);
      }
      assertEquals(2 * run, Files.readAllLines(file).size());
    }
  }

  @Test
  void of_an_oversized_datagram_the_part_that_was_received_is_kept() throws Exception {
    Path file = directory.resolve("dead.ndjson");
    try (IngestServer server = start(file);
        Sender sender = new Sender(server)) {
      sender.send("x".repeat(5_000));
      Ledgers.await(server, s -> s.messages().rejected() == 1);
    }
    Matcher letter = letter(Files.readString(file).strip());
    assertEquals("OVERSIZED", letter.group("reason"));
    assertEquals("x".repeat(1_001), letter.group("payload"));
  }

  /** The disk without room is a limit on the size of the process's files. */
  @Test
  @EnabledOnOs(value = OS.LINUX, disabledReason = "only there is prlimit")
  void dead_letters_that_cannot_be_written_are_dropped_and_counted() throws Exception {
    String before = "x".repeat(4_999) + "\n";
    Path file = Files.writeString(directory.resolve("dead.ndjson"), before);
    try (ChildJvm program =
        ChildJvm.in(directory).start(FilesProgram.class, directory.toString(), "refuse")) {
      program.awaitOut("^up$");
      program.limitFileSize("5010"); // room for a part of a line
      program.writeLine("");
      program.awaitOut("^0 dead-lettered, dropped \\{DEAD_LETTER_FAILED=1\\}, 1 not kept$");
      assertEquals(before, Files.readString(file), "no part of a line is left");
      program.limitFileSize("unlimited");
      program.writeLine("");
      program.awaitOut("^1 dead-lettered, dropped \\{DEAD_LETTER_FAILED=1\\}, 1 not kept$");
      assertEquals(3, Files.readAllLines(file).size());
    }
  }

  @Test
  void what_the_limit_removes_is_dropped_and_the_ledger_balances_in_every_snapshot()
      throws Exception {
    MemorySink refusing =
        new MemorySink(
            batch -> {
              throw SinkException.permanent("none");
            });
    IngestServer server =
        TestServers.builder(refusing)
            .deadLetters(directory.resolve("dead.ndjson"))
            .deadLetterLimit(1 << 20)
            .build()
            .start();
    AtomicBoolean ended = new AtomicBoolean();
    CompletableFuture<Void> watch =
        CompletableFuture.runAsync(
            () -> {
              while (!ended.get()) {
                Ledgers.balanced(server.stats());
              }
            });
    int removed = 0;
    try (server;
        Sender sender = new Sender(server)) {
      String filler = ",\"filler\":\"" + "x".repeat(7_000) + "\"}";
      for (int id = 0; removed < 300; id++) {
        sender.send("{\"id\":" + id + filler);
        sender.send("bad");
        long sent = sender.sent();
        removed =
            Ledgers.await(server, s -> s.messages().received() == sent && s.records().queued() == 0)
                .records()
                .droppedByReason()
                .getOrDefault(DropReason.DEAD_LETTER_REMOVED, 0L)
                .intValue();
      }
    } finally {
      ended.set(true);
    }
    watch.join();
    IngestStats end = server.stats();
    assertEquals(0, end.deadLettersNotKept());
    assertTrue(end.deadLettersRemoved() > removed, "rejected ones, too: " + end);
    long refused = 0;
    for (String name : List.of("dead.ndjson.1", "dead.ndjson")) {
      refused +=
          Files.readAllLines(directory.resolve(name)).stream()
              .filter(line -> line.contains("\"REFUSED\""))
              .count();
    }
    assertEquals(refused, end.records().deadLettered());
  }
}
