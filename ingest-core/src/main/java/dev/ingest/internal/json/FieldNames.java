package dev.ingest.internal.json;

import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JsonParser;
import tools.jackson.core.TokenStreamFactory;
import tools.jackson.core.sym.PropertyNameMatcher;
import tools.jackson.core.util.Named;

/**
 * Finds a member of an object by its name.
 *
 * <p>Jackson's matcher compares the bytes where they lie, without a string each. Three kinds of
 * sets of names are beyond it (jackson-core 3.2): those with an empty name; those that its hash
 * table has no room for, since it cannot grow, such as 47 names that differ in nothing but their
 * last two digits; and those with a NUL, since it mistakes the name {@code x}, when that is written
 * with escapes, for the name NUL {@code x}. These are looked up as strings.
 */
final class FieldNames {
  /** The name is none of these. */
  static final int UNKNOWN = PropertyNameMatcher.MATCH_UNKNOWN_NAME;

  /** There is no further member in the object. */
  static final int END = PropertyNameMatcher.MATCH_END_OBJECT;

  private final @Nullable PropertyNameMatcher matcher;
  private final Map<String, Integer> indices = new HashMap<>();

  /** Finds each of the names, no two of which are the same, as its index. */
  FieldNames(TokenStreamFactory factory, List<String> names) {
    for (String name : names) {
      indices.put(name, indices.size());
    }
    matcher = matcher(factory, names);
  }

  private static @Nullable PropertyNameMatcher matcher(
      TokenStreamFactory factory, List<String> names) {
    if (names.stream().anyMatch(name -> name.isEmpty() || name.indexOf('\0') >= 0)) {
      return null;
    }
    try {
      return factory.constructNameMatcher(names.stream().map(Named::fromString).toList(), false);
    } catch (IllegalStateException e) { // its table overflowed
      return null;
    }
  }

  /** Moves on to the next member; returns its index, {@link #UNKNOWN} or {@link #END}. */
  int next(JsonParser parser) {
    if (matcher != null) {
      return parser.nextNameMatch(matcher);
    }
    String name = parser.nextName();
    return name == null ? END : indices.getOrDefault(name, UNKNOWN);
  }
}
