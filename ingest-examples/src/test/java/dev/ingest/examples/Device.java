package dev.ingest.examples;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import tools.jackson.core.JsonParser;
import tools.jackson.core.JsonToken;
import tools.jackson.core.ObjectReadContext;
import tools.jackson.core.json.JsonFactory;

/**
 * A part of DEVICES.md.
 *
 * @param name its heading
 * @param options for the server, beside the schema
 * @param payload what the device sends, in UTF-8
 * @param schema the text of the schema file
 * @param rows what must be stored: by column, a Long, a Double, a String or null
 */
record Device(
    String name,
    List<String> options,
    String payload,
    String schema,
    List<Map<String, Object>> rows) {
  private static final Path FILE = Path.of("DEVICES.md");
  private static final Pattern BLOCK =
      Pattern.compile("^```\\w+\n(.*?)\n```$", Pattern.MULTILINE | Pattern.DOTALL);
  private static final Pattern OPTIONS = Pattern.compile("^Options: `(.*)`$", Pattern.MULTILINE);

  static List<Device> all() throws IOException {
    List<String> parts = List.of(Files.readString(FILE).split("(?m)^## ", -1));
    return parts.stream().skip(1).map(Device::parse).toList();
  }

  private static Device parse(String part) {
    String name = part.substring(0, part.indexOf('\n'));
    List<String> blocks = BLOCK.matcher(part).results().map(block -> block.group(1)).toList();
    if (blocks.size() != 3) {
      throw new IllegalStateException(name + " has " + blocks.size() + " blocks: expected 3");
    }
    Matcher options = OPTIONS.matcher(part);
    return new Device(
        name,
        options.find() ? List.of(options.group(1).split(" ")) : List.of(),
        blocks.get(0),
        blocks.get(1),
        blocks.get(2).lines().map(Device::row).toList());
  }

  private static Map<String, Object> row(String line) {
    Map<String, Object> row = new LinkedHashMap<>();
    try (JsonParser parser = new JsonFactory().createParser(ObjectReadContext.empty(), line)) {
      parser.nextToken();
      while (parser.nextToken() == JsonToken.PROPERTY_NAME) {
        String column = parser.currentName();
        row.put(
            column,
            switch (parser.nextToken()) {
              case VALUE_NUMBER_INT -> (Object) parser.getLongValue();
              case VALUE_NUMBER_FLOAT -> Double.parseDouble(parser.getString());
              case VALUE_STRING -> parser.getString();
              case VALUE_NULL -> null;
              default -> throw new IllegalStateException("a row has " + parser.getString());
            });
      }
    }
    return row;
  }

  @Override
  public String toString() {
    return name;
  }
}
