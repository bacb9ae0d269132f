package dev.ingest.examples;

import dev.ingest.IngestServer;
import dev.ingest.annotation.Field;
import dev.ingest.annotation.ReceivedAt;
import dev.ingest.annotation.Sender;
import dev.ingest.record.Schema;
import dev.ingest.sink.Sink;
import java.net.InetSocketAddress;
import java.time.Instant;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.atomic.AtomicLong;
import picocli.CommandLine.Command;

/** Shows a Java record that is the schema, and that the readings come out as. */
@Command(
    name = "JavaRecords",
    description = "Sends five readings to a server that hands them over as Java records.")
public final class JavaRecords implements Callable<Integer> {
  private JavaRecords() {}

  /**
   * A reading: what is in the JSON, under the names that it has there, and what the server adds.
   */
  record Reading(
      @Field(name = "sensor_id") int sensor,
      double temperature,
      double humidity,
      @Field(name = "ingested_at") Instant time,
      @Sender InetSocketAddress sender,
      @ReceivedAt Instant receivedAt) {}

  /**
   * Runs the example.
   *
   * @param args none but {@code --help}
   */
  public static void main(String[] args) {
    Example.runAndReturn(new JavaRecords(), args);
  }

  @Override
  public Integer call() throws Exception {
    IngestServer server =
        IngestServer.builder()
            .schema(Schema.of(Reading.class))
            .sink(Sink.ofRecords(Reading.class, JavaRecords::print))
            .build()
            .start();
    SensorClient.send(server.localAddress(), new AtomicLong(), 100, 5);
    return 0; // what has arrived is handed over at exit
  }

  private static void print(List<Reading> readings) {
    readings.forEach(System.out::println);
  }
}
