package dev.ingest.testkit;

import static org.junit.jupiter.api.Assertions.fail;

import dev.ingest.record.Field;
import dev.ingest.record.FieldType;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.LongStream;
import org.jspecify.annotations.Nullable;

/** Compares all values that are stored with all that were written. */
final class Comparison {
  private static final List<Field> FIELDS = ContractRecords.SCHEMA.fields();
  private static final int SHOWN = 10;
  private static final int SHOWN_LENGTH = 60;

  private final Set<Deviation> deviations;
  private final List<String> differences = new ArrayList<>();

  Comparison(Set<Deviation> deviations) {
    this.deviations = deviations;
  }

  /** Fails unless exactly the records of these ids are stored, each once. */
  void check(List<? extends List<? extends @Nullable Object>> stored, LongStream ids) {
    Set<Object> seen = compare(stored, ids);
    if (seen.size() < stored.size()) {
      Set<Object> once = new HashSet<>();
      stored.stream()
          .map(row -> row.isEmpty() ? null : row.get(0))
          .filter(id -> !once.add(Objects.requireNonNullElse(id, "")))
          .forEach(id -> differences.add("record " + id + " is stored again"));
    }
    report();
  }

  /** Fails unless exactly the records of these ids are stored, each at least once. */
  void checkAtLeastOnce(List<? extends List<? extends @Nullable Object>> stored, LongStream ids) {
    compare(stored, ids);
    report();
  }

  private Set<Object> compare(
      List<? extends List<? extends @Nullable Object>> stored, LongStream ids) {
    Set<Object> missing = new TreeSet<>(ids.boxed().toList());
    Set<Object> expected = new HashSet<>(missing);
    Set<Object> seen = new HashSet<>();
    for (List<? extends @Nullable Object> row : stored) {
      if (row.size() != FIELDS.size() || !(row.get(0) instanceof Long id)) {
        differences.add(
            "storedRows() returned %s: expected a value for each of %s, the first one a Long"
                .formatted(shown(row), FIELDS.stream().map(Field::name).toList()));
      } else if (!expected.contains(id)) {
        differences.add("record " + id + " is stored, which it should not be");
      } else {
        missing.remove(id);
        seen.add(id);
        compare(id, row);
      }
    }
    missing.forEach(id -> differences.add("record " + id + " is not stored"));
    return seen;
  }

  private void compare(long id, List<? extends @Nullable Object> row) {
    for (int column = 0; column < FIELDS.size(); column++) {
      Object sent = ContractRecords.value(id, column);
      Object stored = row.get(column);
      if (!isKept(FIELDS.get(column).type(), sent, stored)) {
        differences.add(
            "record %d, field '%s': stored %s, written %s"
                .formatted(id, FIELDS.get(column).name(), shown(stored), shown(sent)));
      }
    }
  }

  private boolean isKept(FieldType type, @Nullable Object sent, @Nullable Object stored) {
    if (Objects.equals(sent, stored) || sent == null || stored == null) {
      return Objects.equals(sent, stored);
    }
    return switch (type) {
      case REAL ->
          deviations.contains(Deviation.ZERO_HAS_NO_SIGN)
              && sent.equals(-0.0)
              && stored.equals(0.0);
      case TIMESTAMP -> isNear((Instant) sent, stored);
      case JSON ->
          deviations.contains(Deviation.JSON_IS_NORMALIZED)
              && stored instanceof String text
              && JsonValues.areEqual((String) sent, text);
      default -> false;
    };
  }

  private boolean isNear(Instant sent, Object stored) {
    if (stored instanceof Double seconds) {
      return deviations.contains(Deviation.TIMESTAMP_IN_DOUBLE_SECONDS)
          && seconds == ContractRecords.seconds(sent);
    }
    return deviations.contains(Deviation.TIMESTAMP_IN_MICROSECONDS)
        && stored instanceof Instant time
        && time.equals(time.truncatedTo(ChronoUnit.MICROS))
        && Duration.between(time, sent).abs().toNanos() < 1_000;
  }

  private void report() {
    if (!differences.isEmpty()) {
      String more = differences.size() > SHOWN ? "\n  and " + (differences.size() - SHOWN) : "";
      fail(
          differences.size()
              + " differences between what is stored and what was written:\n  "
              + String.join("\n  ", differences.subList(0, Math.min(SHOWN, differences.size())))
              + more
              + (more.isEmpty() ? "" : " more"));
    }
  }

  private static String shown(@Nullable Object value) {
    String text = String.valueOf(value);
    String kind = value == null ? "" : " (" + value.getClass().getSimpleName() + ")";
    return (text.length() > SHOWN_LENGTH ? text.substring(0, SHOWN_LENGTH) + "..." : text) + kind;
  }
}
