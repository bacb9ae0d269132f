package dev.ingest.internal.json;

import dev.ingest.record.Field;
import dev.ingest.record.Schema;
import java.io.Serial;
import java.nio.charset.StandardCharsets;
import java.util.List;
import tools.jackson.core.JsonParser;
import tools.jackson.core.ObjectReadContext;
import tools.jackson.core.StreamReadConstraints;
import tools.jackson.core.StreamReadFeature;
import tools.jackson.core.TokenStreamFactory;
import tools.jackson.core.io.IOContext;
import tools.jackson.core.io.JsonStringEncoder;
import tools.jackson.core.json.JsonFactory;
import tools.jackson.core.json.JsonFactoryBuilder;
import tools.jackson.core.util.JsonRecyclerPools;

/** Makes Jackson's parsers for records of a schema: with bounds, and with {@link KnownNames}. */
final class RecordParsers extends JsonFactory {
  @Serial private static final long serialVersionUID = 1;

  /** The deepest nesting of objects and arrays in a message, also in what is skipped. */
  static final int MAX_NESTING = 64;

  /** The longest number, in digits: those of its fraction and exponent included. */
  static final int MAX_NUMBER_LENGTH = 1000;

  /** The longest name of a field in UTF-8, if the schema has none that is longer. */
  static final int MAX_NAME_BYTES = 256;

  /** The most names that Jackson's symbol table keeps is 6,000. */
  private static final int MOST_KNOWN_NAMES = 5_000;

  private final transient KnownNames names;
  private final boolean takesNonNumbers;

  private RecordParsers(JsonFactoryBuilder settings, List<String> names, boolean takesNonNumbers) {
    super(settings);
    this.takesNonNumbers = takesNonNumbers;
    readOnce(names);
    this.names =
        new KnownNames(
            _byteSymbolCanonicalizer.makeChild(_factoryFeatures),
            _streamReadConstraints.getMaxNameLength(),
            names.size() > MOST_KNOWN_NAMES ? null : unknownName(names));
  }

  static RecordParsers of(Schema schema) {
    List<String> names = names(schema);
    int longest =
        names.stream()
            .mapToInt(name -> name.getBytes(StandardCharsets.UTF_8).length)
            .reduce(MAX_NAME_BYTES, Math::max);
    JsonFactoryBuilder settings =
        JsonFactory.builder()
            .enable(StreamReadFeature.USE_FAST_DOUBLE_PARSER)
            .enable(StreamReadFeature.USE_FAST_BIG_NUMBER_PARSER)
            .disable(TokenStreamFactory.Feature.CHARSET_DETECTION)
            .disable(TokenStreamFactory.Feature.INTERN_PROPERTY_NAMES)
            .disable(TokenStreamFactory.Feature.FAIL_ON_SYMBOL_HASH_OVERFLOW)
            .streamReadConstraints(
                StreamReadConstraints.builder()
                    .maxNestingDepth(MAX_NESTING)
                    .maxNumberLength(MAX_NUMBER_LENGTH)
                    .maxNameLength(longest)
                    .build())
            // Of its own: a pool of the thread would keep the library's class loader with the
            // thread.
            .recyclerPool(JsonRecyclerPools.newBoundedPool(1));
    boolean takesNonNumbers = schema.fields().stream().anyMatch(Field::lenient);
    return new RecordParsers(settings, names, takesNonNumbers);
  }

  /** Returns a name that no path of the schema has. */
  static String unknownName(Schema schema) {
    return unknownName(names(schema));
  }

  private static String unknownName(List<String> names) {
    String unknown = "?";
    while (names.contains(unknown)) {
      unknown += "?";
    }
    return unknown;
  }

  private static List<String> names(Schema schema) {
    return schema.fields().stream()
        .filter(field -> field.origin() == Field.Origin.RECORD)
        .flatMap(field -> field.path().stream())
        .distinct()
        .toList();
  }

  /** Has Jackson read the names, which puts them into its symbol table. */
  private void readOnce(List<String> names) {
    StringBuilder json = new StringBuilder("{");
    for (String name : names) {
      json.append(json.length() == 1 ? "\"" : ",\"");
      JsonStringEncoder.getInstance().quoteAsString(name, json);
      json.append("\":0");
    }
    byte[] bytes = json.append('}').toString().getBytes(StandardCharsets.UTF_8);
    try (JsonParser parser = createParser(ObjectReadContext.empty(), bytes)) {
      parser.nextToken();
      parser.skipChildren();
    }
  }

  @Override
  protected JsonParser _createParser(
      ObjectReadContext context, IOContext io, byte[] bytes, int offset, int length) {
    if (names == null) { // while these are read
      return super._createParser(context, io, bytes, offset, length);
    }
    return new RecordParser(context, io, this, bytes, offset, length);
  }

  /** Makes a parser of a range of bytes. */
  RecordParser parser(byte[] bytes, int offset, int length) {
    return (RecordParser) createParser(ObjectReadContext.empty(), bytes, offset, length);
  }

  KnownNames names() {
    return names;
  }

  /** Tells whether a bare {@code nan} or {@code inf} is read as null, not rejected. */
  boolean takesNonNumbers() {
    return takesNonNumbers;
  }
}
