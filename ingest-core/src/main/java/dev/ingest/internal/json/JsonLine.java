package dev.ingest.internal.json;

import java.io.StringWriter;
import java.nio.charset.StandardCharsets;
import tools.jackson.core.JsonGenerator;
import tools.jackson.core.ObjectWriteContext;
import tools.jackson.core.json.JsonFactory;

/** Writes one JSON object of text members as a line. Not thread-safe. */
public final class JsonLine {
  private static final JsonFactory FACTORY = new JsonFactory();

  private final StringWriter text = new StringWriter();
  private final JsonGenerator generator =
      FACTORY.createGenerator(ObjectWriteContext.empty(), text).writeStartObject();

  /** Adds a member. */
  public JsonLine with(String name, String value) {
    generator.writeStringProperty(name, value);
    return this;
  }

  /** Returns the line in UTF-8, newline included; to be called once. */
  public byte[] toBytes() {
    generator.writeEndObject().close();
    return text.append('\n').toString().getBytes(StandardCharsets.UTF_8);
  }
}
