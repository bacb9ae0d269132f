package dev.ingest.testkit;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.ingest.record.Field;
import dev.ingest.record.FieldType;
import java.util.EnumSet;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;

class ContractRecordsTest {
  private static final List<Field> FIELDS = ContractRecords.SCHEMA.fields();

  @Test
  void each_type_has_a_required_and_an_optional_field() {
    for (FieldType type : EnumSet.allOf(FieldType.class)) {
      for (boolean optional : new boolean[] {false, true}) {
        assertTrue(
            FIELDS.stream().anyMatch(field -> field.type() == type && field.optional() == optional),
            () -> type + ", optional: " + optional);
      }
    }
  }

  @Test
  void each_extreme_value_and_null_stands_in_each_field_of_its_type() {
    for (int column = 1; column < FIELDS.size(); column++) {
      Set<Object> values = new HashSet<>();
      for (long id = ContractRecords.FIRST_EXTREME; id <= ContractRecords.LAST_EXTREME; id++) {
        values.add(ContractRecords.value(id, column));
      }
      Field field = FIELDS.get(column);
      assertEquals(field.optional(), values.remove(null), field::toString);
      assertEquals(new HashSet<>(ContractValues.extreme(field.type())), values);
    }
  }

  @Test
  void a_difference_is_found_in_each_field() {
    for (int column = 1; column < FIELDS.size(); column++) {
      List<Object> row = ContractRecords.row(8);
      row.set(column, null);
      Comparison comparison = new Comparison(EnumSet.allOf(Deviation.class));
      String message =
          assertThrows(AssertionError.class, () -> comparison.check(List.of(row), LongStream.of(8)))
              .getMessage();
      assertTrue(message.contains("record 8, field '" + FIELDS.get(column).name()), message);
    }
  }

  @Test
  void what_is_missing_and_what_is_there_twice_is_found() {
    List<List<Object>> rows = List.of(ContractRecords.row(1), ContractRecords.row(1));
    Comparison comparison = new Comparison(Set.of());
    String message =
        assertThrows(
                AssertionError.class, () -> comparison.check(rows, LongStream.rangeClosed(1, 2)))
            .getMessage();
    assertTrue(message.contains("record 1 is stored again"), message);
    assertTrue(message.contains("record 2 is not stored"), message);
  }

  @Test
  void a_zero_without_its_sign_is_a_difference_unless_it_is_declared() {
    long id =
        LongStream.rangeClosed(ContractRecords.FIRST_EXTREME, ContractRecords.LAST_EXTREME)
            .filter(some -> ContractRecords.row(some).contains(-0.0))
            .findFirst()
            .orElseThrow();
    List<Object> row = ContractRecords.row(id);
    row.replaceAll(value -> Double.valueOf(-0.0).equals(value) ? (Object) 0.0 : value);
    new Comparison(Set.of(Deviation.ZERO_HAS_NO_SIGN)).check(List.of(row), LongStream.of(id));
    Comparison strict =
        new Comparison(EnumSet.complementOf(EnumSet.of(Deviation.ZERO_HAS_NO_SIGN)));
    assertThrows(AssertionError.class, () -> strict.check(List.of(row), LongStream.of(id)));
  }

  @Test
  void json_is_equal_by_value_whatever_its_text() {
    assertTrue(
        JsonValues.areEqual("{\"a\":1.0,\"b\":[ \"\\u00e9\"]}", "{\"b\": [\"\u00e9\"], \"a\": 1}"));
    for (String other : List.of("{\"a\":1}", "{\"a\":\"1\",\"b\":[]}", "[]", "", "{")) {
      assertEquals(false, JsonValues.areEqual("{\"a\":1,\"b\":[]}", other), other);
    }
  }
}
