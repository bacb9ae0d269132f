package dev.ingest.internal.json;

import dev.ingest.record.Field;
import dev.ingest.record.Schema;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JsonParser;
import tools.jackson.core.TokenStreamFactory;
import tools.jackson.core.sym.PropertyNameMatcher;
import tools.jackson.core.util.Named;

/**
 * Finds the column of a field by its name.
 *
 * <p>Jackson's matcher compares the bytes where they lie, without a string each. Two kinds of
 * schema are beyond it (jackson-core 3.2): its hash table cannot grow, so that some sets of names
 * do not fit in, such as 47 that differ in nothing but their last two digits; and it mistakes the
 * name {@code x}, when that is written with escapes, for the name NUL {@code x}. The names of these
 * schemas are looked up as strings.
 */
final class FieldNames {
  /** The name is not in the schema. */
  static final int UNKNOWN = PropertyNameMatcher.MATCH_UNKNOWN_NAME;

  /** There is no further field in the object. */
  static final int END = PropertyNameMatcher.MATCH_END_OBJECT;

  private final @Nullable PropertyNameMatcher matcher;
  private final Map<String, Integer> columns = new HashMap<>();

  FieldNames(TokenStreamFactory factory, Schema schema) {
    List<String> names = schema.fields().stream().map(Field::name).toList();
    for (String name : names) {
      columns.put(name, columns.size());
    }
    matcher = matcher(factory, names);
  }

  private static @Nullable PropertyNameMatcher matcher(
      TokenStreamFactory factory, List<String> names) {
    if (names.stream().anyMatch(name -> name.indexOf('\0') >= 0)) {
      return null;
    }
    try {
      return factory.constructNameMatcher(names.stream().map(Named::fromString).toList(), false);
    } catch (IllegalStateException e) { // its table overflowed
      return null;
    }
  }

  /** Moves on to the next member; returns its column, {@link #UNKNOWN} or {@link #END}. */
  int next(JsonParser parser) {
    if (matcher != null) {
      return parser.nextNameMatch(matcher);
    }
    String name = parser.nextName();
    return name == null ? END : columns.getOrDefault(name, UNKNOWN);
  }
}
