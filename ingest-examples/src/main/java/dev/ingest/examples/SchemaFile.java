package dev.ingest.examples;

import dev.ingest.record.Schema;
import java.io.IOException;
import java.nio.charset.CharacterCodingException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.time.DateTimeException;
import java.time.ZoneId;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.function.Supplier;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.core.JsonParser;
import tools.jackson.core.JsonToken;
import tools.jackson.core.ObjectReadContext;
import tools.jackson.core.TokenStreamLocation;
import tools.jackson.core.json.JsonFactory;

/**
 * Reads a schema from a JSON file. Its words are those of {@link Schema.Builder}: a field is an
 * object whose one type word gives its name, and the other words change it.
 *
 * <pre>{@code
 * {"name": "power", "fields": [
 *   {"text": "device", "from": "/src"},
 *   {"real": "watts", "from": "/params/switch:0/apower", "optional": true, "lenient": true},
 *   {"timestamp": "at", "from": "/params/ts", "epoch": "MILLIS", "zone": "Europe/Vienna"},
 *   {"json": "raw", "from": ""}, {"receivedAt": "received_at"}, {"sender": "sender"}]}
 * }</pre>
 */
final class SchemaFile {
  /** Which some editors put first. */
  private static final String BOM = "\ufeff";

  private static final JsonFactory JSON = new JsonFactory();
  private static final List<String> TYPES =
      List.of("integer", "real", "text", "bool", "timestamp", "json", "receivedAt", "sender");
  private static final List<String> MODIFIERS =
      List.of("from", "optional", "lenient", "epoch", "zone");
  private static final List<String> UNITS = List.of("SECONDS", "MILLIS", "MICROS", "NANOS");

  private final Path file;

  private SchemaFile(Path file) {
    this.file = file;
  }

  /** A member of an object: its name, its value, and where that is. */
  private record Member(
      String word, JsonToken token, @Nullable String text, TokenStreamLocation at) {
    String found() {
      return switch (token) {
        case START_OBJECT -> "an object";
        case START_ARRAY -> "an array";
        case VALUE_STRING -> "'" + text + "'";
        default -> String.valueOf(text);
      };
    }
  }

  /**
   * Reads a schema.
   *
   * @throws IOException if the file cannot be read
   * @throws IllegalArgumentException if it is not as expected, with the line and the column
   */
  static Schema read(Path file) throws IOException {
    try {
      String text = Files.readString(file);
      return new SchemaFile(file).parse(text.startsWith(BOM) ? text.substring(1) : text);
    } catch (NoSuchFileException e) {
      throw new IOException("the schema file " + file + " does not exist", e);
    } catch (CharacterCodingException e) {
      throw new IOException("the schema file " + file + " is not UTF-8", e);
    } catch (IOException e) {
      throw new IOException("cannot read the schema file " + file + ": " + e.getMessage(), e);
    }
  }

  private Schema parse(String text) {
    try (JsonParser parser = JSON.createParser(ObjectReadContext.empty(), text)) {
      try {
        return schemaAlone(parser);
      } catch (JacksonException e) {
        // Where an object began is said in the parser's own terms.
        String message = e.getOriginalMessage().replaceFirst(" \\(start marker.*", "");
        throw error(Objects.requireNonNullElse(e.getLocation(), parser.currentLocation()), message);
      }
    }
  }

  private Schema schemaAlone(JsonParser parser) {
    parser.nextToken();
    require(parser, JsonToken.START_OBJECT, "an object that begins with {\"name\":");
    Schema schema = schema(parser);
    if (parser.nextToken() != null) {
      throw error(parser.currentTokenLocation(), "something follows the schema: expected the end");
    }
    return schema;
  }

  private Schema schema(JsonParser parser) {
    TokenStreamLocation start = parser.currentTokenLocation();
    Member name = null;
    List<Map<String, Member>> fields = null;
    while (parser.nextToken() == JsonToken.PROPERTY_NAME) {
      TokenStreamLocation at = parser.currentTokenLocation();
      String word = parser.currentName();
      if (word.equals("name") && name == null) {
        name = member(parser);
      } else if (word.equals("fields") && fields == null) {
        fields = fields(parser);
      } else {
        throw error(at, "'" + word + "': expected name and fields, each once");
      }
    }
    if (name == null || fields == null) {
      throw error(start, (name == null ? "name" : "fields") + " is missing: expected both words");
    }
    Member named = name;
    Schema.Builder builder = build(named, () -> Schema.builder(text("the schema", named)));
    Map<String, Member> names = new LinkedHashMap<>();
    fields.forEach(field -> add(builder, field, names));
    return build(named, builder::build);
  }

  private List<Map<String, Member>> fields(JsonParser parser) {
    List<Map<String, Member>> fields = new ArrayList<>();
    parser.nextToken();
    require(parser, JsonToken.START_ARRAY, "an array of fields");
    while (parser.nextToken() != JsonToken.END_ARRAY) {
      require(parser, JsonToken.START_OBJECT, "a field such as {\"real\": \"watts\"}");
      fields.add(field(parser));
    }
    return fields;
  }

  private Map<String, Member> field(JsonParser parser) {
    TokenStreamLocation start = parser.currentTokenLocation();
    Map<String, Member> members = new LinkedHashMap<>();
    while (parser.nextToken() == JsonToken.PROPERTY_NAME) {
      TokenStreamLocation at = parser.currentTokenLocation();
      Member member = member(parser);
      if (members.put(member.word(), member) != null) {
        throw error(at, "'" + member.word() + "' stands twice: expected each word once");
      }
    }
    if (members.isEmpty()) {
      throw error(start, "the field has no name: expected one of " + TYPES + " with its name");
    }
    return members;
  }

  private static Member member(JsonParser parser) {
    String word = parser.currentName();
    JsonToken token = parser.nextToken();
    Member member = new Member(word, token, parser.getString(), parser.currentTokenLocation());
    parser.skipChildren();
    return member;
  }

  private void add(Schema.Builder builder, Map<String, Member> field, Map<String, Member> names) {
    Member first = field.values().iterator().next();
    List<Member> types =
        field.values().stream().filter(member -> TYPES.contains(member.word())).toList();
    if (types.size() != 1) {
      throw error(
          first.at(),
          "the field has the words " + field.keySet() + ": expected exactly one of " + TYPES);
    }
    Member type = types.get(0);
    String name = text("the field's name", type);
    Member other = names.put(name, type);
    if (other != null) {
      throw error(
          type.at(),
          "field '%s' stands in line %s, too: expected each name once"
              .formatted(name, other.at().getLineNr()));
    }
    Stream.concat(
            types.stream(),
            field.values().stream().filter(member -> !TYPES.contains(member.word())))
        .forEach(member -> build(member, () -> apply(builder, "field '" + name + "'", member)));
  }

  private Schema.Builder apply(Schema.Builder builder, String field, Member member) {
    return switch (member.word()) {
      case "integer" -> builder.integer(text(field, member));
      case "real" -> builder.real(text(field, member));
      case "text" -> builder.text(text(field, member));
      case "bool" -> builder.bool(text(field, member));
      case "timestamp" -> builder.timestamp(text(field, member));
      case "json" -> builder.json(text(field, member));
      case "receivedAt" -> builder.receivedAt(text(field, member));
      case "sender" -> builder.sender(text(field, member));
      case "from" -> builder.from(text(field, member));
      case "optional" -> isTrue(field, member) ? builder.optional() : builder;
      case "lenient" -> isTrue(field, member) ? builder.lenient() : builder;
      case "epoch" -> builder.epoch(unit(field, member));
      case "zone" -> builder.zone(zone(field, member));
      default ->
          throw error(
              member.at(),
              "%s: '%s' is no word of a field: expected %s"
                  .formatted(field, member.word(), MODIFIERS));
    };
  }

  private String text(String field, Member member) {
    if (member.token() != JsonToken.VALUE_STRING) {
      throw wrong(field, member, "text in quotes");
    }
    return Objects.requireNonNull(member.text());
  }

  private boolean isTrue(String field, Member member) {
    return switch (member.token()) {
      case VALUE_TRUE -> true;
      case VALUE_FALSE -> false;
      default -> throw wrong(field, member, "true or false, without quotes");
    };
  }

  private ChronoUnit unit(String field, Member member) {
    String unit = text(field, member);
    if (!UNITS.contains(unit)) {
      throw wrong(field, member, "one of " + UNITS);
    }
    return ChronoUnit.valueOf(unit);
  }

  private ZoneId zone(String field, Member member) {
    try {
      return ZoneId.of(text(field, member));
    } catch (DateTimeException e) {
      throw wrong(field, member, "a time zone such as Europe/Vienna, UTC or +01:00");
    }
  }

  private IllegalArgumentException wrong(String field, Member member, String expected) {
    return error(
        member.at(),
        "%s: %s is %s: expected %s".formatted(field, member.word(), member.found(), expected));
  }

  /** Adds to what the builder refuses where that is in the file. */
  private <T> T build(Member member, Supplier<T> step) {
    try {
      return step.get();
    } catch (PlacedException e) {
      throw e;
    } catch (IllegalArgumentException e) {
      throw error(member.at(), e.getMessage());
    }
  }

  private void require(JsonParser parser, JsonToken token, String expected) {
    if (parser.currentToken() != token) {
      String found = parser.currentToken() == null ? "nothing" : parser.getString();
      throw error(parser.currentTokenLocation(), "found " + found + ": expected " + expected);
    }
  }

  private IllegalArgumentException error(TokenStreamLocation at, @Nullable String message) {
    return new PlacedException(
        "%s, line %s, column %s: %s"
            .formatted(file, at.getLineNr(), Math.max(1, at.getColumnNr()), message));
  }

  /** An error whose message names its place. */
  private static final class PlacedException extends IllegalArgumentException {
    private static final long serialVersionUID = 1;

    PlacedException(String message) {
      super(message);
    }
  }
}
