package dev.ingest;

import static dev.ingest.Events.event;

import dev.ingest.policy.JournalSync;
import dev.ingest.policy.Spooling;
import dev.ingest.sink.SinkException;
import dev.ingest.stats.IngestStats;
import java.nio.file.Path;

/**
 * Runs a server that makes every file that a server makes, in the directory that is its first
 * argument. With the second argument "refuse" it waits for a line before it refuses a record and
 * rejects a message, again and again, and prints what became of the letters.
 */
final class FilesProgram {
  private FilesProgram() {}

  public static void main(String... args) throws Exception {
    Path directory = Path.of(args[0]);
    MemorySink sink =
        new MemorySink(
            batch -> {
              if (MemorySink.ids(batch).contains(13L)) {
                throw SinkException.permanent("not 13");
              }
              if (MemorySink.ids(batch).contains(14L)) {
                throw SinkException.retryable("not 14 now");
              }
            });
    IngestServer server =
        TestServers.builder(sink)
            .spool(Spooling.in(directory.resolve("new/spool")).journal(JournalSync.NEVER))
            .deadLetters(directory.resolve("dead.ndjson"))
            .build()
            .start();
    try (Sender sender = new Sender(server)) {
      if (args[1].equals("refuse")) {
        System.out.println("up");
        refuse(server, sender);
      } else {
        sender.send(event(0));
        Ledgers.await(server, stats -> stats.records().persisted() == 1);
        sender.send("bad");
        sender.send(event(13));
        Ledgers.await(server, stats -> stats.records().deadLettered() == 1);
        sender.send(event(14));
        Ledgers.await(server, stats -> stats.records().decoded() == 3);
        System.out.println("up");
        System.in.read();
      }
    }
    Runtime.getRuntime().halt(0);
  }

  private static void refuse(IngestServer server, Sender sender) throws Exception {
    while (System.in.read() == '\n') {
      sender.send("bad");
      sender.send(event(13));
      long sent = sender.sent();
      IngestStats stats =
          Ledgers.await(server, s -> s.messages().received() == sent && s.records().queued() == 0);
      System.out.printf(
          "%d dead-lettered, dropped %s, %d not kept%n",
          stats.records().deadLettered(),
          stats.records().droppedByReason(),
          stats.deadLettersNotKept());
    }
  }
}
