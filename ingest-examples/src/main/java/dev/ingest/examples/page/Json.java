package dev.ingest.examples.page;

import dev.ingest.ServerStatus;
import dev.ingest.stats.IngestStats;
import java.io.ByteArrayOutputStream;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import tools.jackson.core.JsonGenerator;
import tools.jackson.core.ObjectWriteContext;
import tools.jackson.core.json.JsonFactory;
import tools.jackson.core.json.JsonWriteFeature;

/** What the page and those who watch the server get, as JSON in ASCII. */
final class Json {
  /** Escaped, so that a terminal does not obey what a sender has sent. */
  private static final JsonFactory JSON =
      JsonFactory.builder().enable(JsonWriteFeature.ESCAPE_NON_ASCII).build();

  private static final int LONGEST_FAILURE = 1_000;

  private Json() {}

  private interface Members {
    void write(JsonGenerator json);
  }

  private static byte[] object(Members members) {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    try (JsonGenerator json = JSON.createGenerator(ObjectWriteContext.empty(), bytes)) {
      json.writeStartObject();
      members.write(json);
      json.writeEndObject();
    }
    return bytes.toByteArray();
  }

  /** Returns the status with the failure, null if there is none. */
  static byte[] status(ServerStatus status, Optional<Throwable> failure) {
    return object(json -> writeStatus(json, status, failure));
  }

  private static void writeStatus(
      JsonGenerator json, ServerStatus status, Optional<Throwable> failure) {
    json.writeStringProperty("status", status.name());
    json.writeName("failure");
    json.writeString(failure.map(Json::text).orElse(null));
  }

  /** Returns what a failure says, or its kind if it says nothing. */
  static String text(Throwable failure) {
    String message = failure.getMessage();
    String text = message == null || message.isBlank() ? failure.toString() : message;
    return text.length() <= LONGEST_FAILURE ? text : text.substring(0, LONGEST_FAILURE) + "...";
  }

  /** Returns everything that the page shows at one moment. */
  static byte[] state(
      ServerStatus status,
      Optional<Throwable> failure,
      IngestStats stats,
      History.Point point,
      Rejects rejects) {
    return object(
        json -> {
          writeStatus(json, status, failure);
          json.writeName("numbers");
          writeCounts(json, Numbers.of(stats));
          json.writeName("reasons");
          json.writeStartObject();
          Numbers.reasons(stats)
              .forEach(
                  (what, counts) -> {
                    json.writeName(what);
                    writeCounts(json, counts);
                  });
          json.writeEndObject();
          json.writeName("point");
          writePoint(json, point);
          writeRejects(json, rejects);
        });
  }

  private static void writeCounts(JsonGenerator json, Map<String, Long> counts) {
    json.writeStartObject();
    counts.forEach(json::writeNumberProperty);
    json.writeEndObject();
  }

  private static void writeRejects(JsonGenerator json, Rejects rejects) {
    json.writeStringProperty("note", rejects.note());
    json.writeName("rejects");
    json.writeStartArray();
    for (Rejects.Rejected letter : rejects.letters()) {
      json.writeStartObject();
      json.writeStringProperty("time", letter.time().toString());
      json.writeStringProperty("source", letter.source());
      json.writeStringProperty("reason", letter.reason());
      json.writeStringProperty("detail", letter.detail());
      json.writeStringProperty("payload", letter.payload());
      json.writeEndObject();
    }
    json.writeEndArray();
  }

  /** Returns the points of the graphs. */
  static byte[] history(List<History.Point> points) {
    return object(
        json -> {
          json.writeName("points");
          json.writeStartArray();
          points.forEach(point -> writePoint(json, point));
          json.writeEndArray();
        });
  }

  private static void writePoint(JsonGenerator json, History.Point point) {
    json.writeStartArray();
    json.writeNumber(point.millis());
    json.writeNumber(tenths(point.decoded()));
    json.writeNumber(tenths(point.stored()));
    json.writeNumber(tenths(point.rejected()));
    json.writeNumber(point.queued());
    json.writeNumber(point.spooled());
    json.writeEndArray();
  }

  private static double tenths(double rate) {
    return Math.round(rate * 10) / 10.0;
  }
}
