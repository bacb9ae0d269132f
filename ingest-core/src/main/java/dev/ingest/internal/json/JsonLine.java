package dev.ingest.internal.json;

import dev.ingest.internal.log.Unprintable;
import java.io.StringWriter;
import java.nio.charset.StandardCharsets;
import java.util.HexFormat;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JsonGenerator;
import tools.jackson.core.ObjectWriteContext;
import tools.jackson.core.SerializableString;
import tools.jackson.core.io.CharacterEscapes;
import tools.jackson.core.io.SerializedString;
import tools.jackson.core.json.JsonFactory;

/**
 * Writes one JSON object as a line. What a terminal would obey is escaped, see {@link Unprintable}.
 * Not thread-safe.
 */
public final class JsonLine {
  private static final JsonFactory FACTORY =
      JsonFactory.builder().characterEscapes(new Escapes()).build();

  private final StringWriter text = new StringWriter();
  private final JsonGenerator generator =
      FACTORY.createGenerator(ObjectWriteContext.empty(), text).writeStartObject();

  /** Adds a member. */
  public JsonLine with(String name, String value) {
    generator.writeStringProperty(name, value);
    return this;
  }

  /** Adds a member. */
  public JsonLine with(String name, long value) {
    generator.writeNumberProperty(name, value);
    return this;
  }

  /** Returns the line in UTF-8, newline included; to be called once. */
  public byte[] toBytes() {
    generator.writeEndObject().close();
    return text.append('\n').toString().getBytes(StandardCharsets.UTF_8);
  }

  private static final class Escapes extends CharacterEscapes {
    private static final long serialVersionUID = 1;
    private static final HexFormat HEX = HexFormat.of().withUpperCase();

    private final int[] ascii = standardAsciiEscapesForJSON();

    Escapes() {
      for (char c = 0; c < ascii.length; c++) {
        if (Unprintable.is(c) && ascii[c] == ESCAPE_NONE) {
          ascii[c] = ESCAPE_STANDARD;
        }
      }
    }

    @Override
    public int[] getEscapeCodesForAscii() {
      return ascii;
    }

    @Override
    public @Nullable SerializableString getEscapeSequence(int c) {
      return Unprintable.is((char) c)
          ? new SerializedString("\\u" + HEX.toHexDigits((char) c))
          : null;
    }
  }
}
