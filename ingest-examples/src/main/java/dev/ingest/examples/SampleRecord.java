package dev.ingest.examples;

import dev.ingest.record.Field;
import dev.ingest.record.Schema;
import java.io.StringWriter;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import tools.jackson.core.JsonGenerator;
import tools.jackson.core.ObjectWriteContext;
import tools.jackson.core.json.JsonFactory;

/** Makes a record that a schema takes. */
final class SampleRecord {
  private final Map<String, SampleRecord> members = new LinkedHashMap<>();
  private String value = "1";

  private SampleRecord() {}

  /** Returns the JSON text of a record with a value for each field that a sender sends. */
  static String of(Schema schema) {
    SampleRecord record = new SampleRecord();
    for (Field field : schema.fields()) {
      if (field.origin() == Field.Origin.RECORD) {
        record.at(field.path()).value = value(field);
      }
    }
    if (record.members.isEmpty()) { // of which a JSON field takes the whole
      record.value = "{}";
    }
    StringWriter text = new StringWriter();
    try (JsonGenerator json = new JsonFactory().createGenerator(ObjectWriteContext.empty(), text)) {
      record.writeTo(json);
    }
    return Printable.escape(text.toString());
  }

  /** An index of an array is taken for the name of a member, which means the same. */
  private SampleRecord at(List<String> path) {
    SampleRecord place = this;
    for (String name : path) {
      place = place.members.computeIfAbsent(name, none -> new SampleRecord());
    }
    return place;
  }

  private static String value(Field field) {
    return switch (field.type()) {
      case INTEGER, JSON -> "1";
      case REAL -> "21.5";
      case TEXT -> "\"text\"";
      case BOOLEAN -> "true";
      case TIMESTAMP -> String.valueOf(field.epoch().between(Instant.EPOCH, now()));
    };
  }

  private static Instant now() {
    return Instant.now().truncatedTo(ChronoUnit.MILLIS);
  }

  private void writeTo(JsonGenerator json) {
    if (members.isEmpty()) {
      json.writeRawValue(value);
      return;
    }
    json.writeStartObject();
    members.forEach(
        (name, member) -> {
          json.writeName(name);
          member.writeTo(json);
        });
    json.writeEndObject();
  }
}
