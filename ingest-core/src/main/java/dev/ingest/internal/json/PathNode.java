package dev.ingest.internal.json;

import dev.ingest.internal.decode.RejectedException;
import dev.ingest.record.Field;
import dev.ingest.record.FieldType;
import dev.ingest.record.Schema;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.IntPredicate;
import java.util.function.Predicate;
import java.util.regex.Pattern;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.TokenStreamFactory;

/**
 * A place in a record that the paths of fields lead to or through; the whole record is the root of
 * their tree. If the value there is an object, the children are members of it; if it is an array,
 * those whose names are indices (RFC 6901, section 4) are elements of it.
 *
 * <p>A record has each place at most once, since a second one rejects it. So what was seen of the
 * members is kept here, and each decoder has a tree of its own.
 */
final class PathNode {
  /** No column. */
  static final int NONE = -1;

  /** Of an index; no message has as many elements as a longer one counts. */
  private static final Pattern INDEX = Pattern.compile("0|[1-9][0-9]{0,8}");

  /** How many names lead here from the record. */
  final int depth;

  /** The columns whose value is here, but for {@link #texts}. */
  final int[] values;

  /** The columns of type JSON whose value is here. */
  final int[] texts;

  /** The first column here or below; {@link #NONE} if the record has none. */
  final int first;

  /** The first of them that a record must have, or {@link #NONE}. */
  final int required;

  /** The rejection of a record without it, if that is the same for all; made when needed. */
  @Nullable RejectedException missing;

  /** The names of the children. */
  final List<String> names;

  final PathNode[] children;

  /** Finds the children in an object; null if there are none. */
  final @Nullable FieldNames members;

  /** For each child its column, if that is all there is there and below; else {@link #NONE}. */
  final int[] columns;

  /** A bit for each child that a record must have. */
  final long[] requiredMembers;

  /** A bit for each child that the object had so far. */
  final long[] seen;

  /** The indices of the children that may be elements of an array, in its order. */
  final int[] indices;

  final PathNode[] elements;

  /** How many of {@link #elements} an array must have. */
  final int requiredElements;

  /** The first child that a record must have; null if it need not have any. */
  final @Nullable PathNode requiredChild;

  /** The first that a record must have and that is no element; null if there is none. */
  final @Nullable PathNode requiredMember;

  /** Makes the tree of a schema for the parsers of a factory. */
  static PathNode of(TokenStreamFactory factory, Schema schema) {
    List<Field> fields = schema.fields();
    List<Integer> columns =
        IntStream.range(0, fields.size())
            .filter(column -> fields.get(column).origin() == Field.Origin.RECORD)
            .boxed()
            .toList();
    return new PathNode(factory, fields, columns, 0);
  }

  /**
   * Makes a node and those below.
   *
   * @param through the columns whose paths lead here, and maybe further
   */
  private PathNode(
      TokenStreamFactory factory, List<Field> fields, List<Integer> through, int depth) {
    this.depth = depth;
    List<Integer> here = new ArrayList<>();
    Map<String, List<Integer>> below = new LinkedHashMap<>();
    for (int column : through) {
      List<String> path = fields.get(column).path();
      if (path.size() == depth) {
        here.add(column);
      } else {
        below.computeIfAbsent(path.get(depth), name -> new ArrayList<>()).add(column);
      }
    }
    values = columns(here, column -> fields.get(column).type() != FieldType.JSON);
    texts = columns(here, column -> fields.get(column).type() == FieldType.JSON);
    first = through.isEmpty() ? NONE : through.get(0);
    required = through.stream().filter(c -> !fields.get(c).optional()).findFirst().orElse(NONE);
    names = List.copyOf(below.keySet());
    children =
        below.values().stream()
            .map(columns -> new PathNode(factory, fields, columns, depth + 1))
            .toArray(PathNode[]::new);
    members = names.isEmpty() ? null : new FieldNames(factory, names);
    columns = Arrays.stream(children).mapToInt(PathNode::onlyColumn).toArray();
    requiredMembers = new long[(children.length + Long.SIZE - 1) / Long.SIZE];
    seen = new long[requiredMembers.length];
    for (int i = 0; i < children.length; i++) {
      requiredMembers[i >> 6] |= children[i].required == NONE ? 0 : 1L << i;
    }
    indices =
        names.stream().filter(PathNode::isIndex).mapToInt(Integer::parseInt).sorted().toArray();
    elements =
        Arrays.stream(indices)
            .mapToObj(index -> children[names.indexOf(Integer.toString(index))])
            .toArray(PathNode[]::new);
    requiredElements = lastRequired(elements);
    requiredChild = firstRequired(children, names, name -> true);
    requiredMember = firstRequired(children, names, name -> !isIndex(name));
  }

  private static int[] columns(List<Integer> columns, IntPredicate kind) {
    return columns.stream().mapToInt(column -> column).filter(kind).toArray();
  }

  private int onlyColumn() {
    return children.length == 0 && texts.length == 0 && values.length == 1 ? values[0] : NONE;
  }

  private static boolean isIndex(String name) {
    return INDEX.matcher(name).matches();
  }

  private static int lastRequired(PathNode[] elements) {
    int count = elements.length;
    while (count > 0 && elements[count - 1].required == NONE) {
      count--;
    }
    return count;
  }

  private static @Nullable PathNode firstRequired(
      PathNode[] children, List<String> names, Predicate<String> name) {
    return IntStream.range(0, children.length)
        .filter(i -> children[i].required != NONE && name.test(names.get(i)))
        .mapToObj(i -> children[i])
        .findFirst()
        .orElse(null);
  }
}
