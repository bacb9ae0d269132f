package dev.ingest;

import dev.ingest.cleanup.CleanupException;
import dev.ingest.cleanup.CleanupRegistry;
import dev.ingest.policy.OverflowPolicy;
import dev.ingest.record.RecordBatch;
import dev.ingest.sink.SinkException;
import java.nio.file.Path;
import java.util.concurrent.atomic.AtomicReference;
import jdk.jfr.FlightRecorder;
import jdk.jfr.Recording;

/**
 * Has a server do all that a flight recording can show: without one, or, with a file as argument,
 * with a recording that is started when the server has long been running.
 */
final class FlightProgram {
  private final AtomicReference<MemorySink.Fault> fault = new AtomicReference<>(batch -> {});
  private final MemorySink sink = new MemorySink(this::strike);
  private final CleanupRegistry registry = CleanupRegistry.create();
  private final IngestServer server =
      TestServers.builder(sink)
          .queueCapacity(4)
          .batchSize(2)
          .overflowPolicy(OverflowPolicy.DROP_NEWEST)
          .cleanupRegistry(registry)
          .build();

  private FlightProgram() {}

  public static void main(String[] args) throws Exception {
    FlightProgram program = new FlightProgram();
    program.server.start();
    try (Sender sender = new Sender(program.server)) {
      sender.send(Events.event(0));
      program.awaitPersisted(1);
      if (args.length == 0) {
        program.run(sender);
      } else {
        Recorded.run(Path.of(args[0]), () -> program.run(sender));
      }
    }
    System.out.println("done");
  }

  /** Apart, since the classes of the JDK that it uses may be missing. */
  private static final class Recorded {
    interface Work {
      void run() throws Exception;
    }

    static void run(Path file, Work work) throws Exception {
      System.out.println("recorder touched: " + FlightRecorder.isInitialized());
      try (Recording recording = new Recording()) {
        recording.start();
        work.run();
        recording.dump(file);
      }
    }
  }

  private void strike(RecordBatch batch) throws Exception {
    fault.getAndSet(any -> {}).strike(batch);
  }

  private void run(Sender sender) throws Exception {
    fault.set(
        batch -> {
          throw SinkException.retryable("made up");
        });
    sender.send(Events.event(1));
    awaitPersisted(2);

    MemorySink.Gate gate = new MemorySink.Gate();
    fault.set(gate);
    sender.send(Events.event(2));
    gate.awaitEntered();
    sender.sendEvents(3, 20);
    Ledgers.await(server, stats -> stats.messages().received() == 20);
    gate.open();
    awaitPersisted(6);
    sender.send(Events.event(20));
    awaitPersisted(7);
    server.close();

    registry.register(() -> {});
    registry.register(
        () -> {
          throw new Exception("made up");
        });
    try {
      registry.run();
    } catch (CleanupException e) {
      System.out.println(e.getCause().getMessage());
    }
  }

  private void awaitPersisted(long records) {
    Ledgers.await(server, stats -> stats.records().persisted() == records);
  }
}
