package dev.ingest.jdbc;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.sql.SQLException;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class FaultTest {
  @ParameterizedTest
  @CsvSource({
    "22003, RECORDS",
    "22021, RECORDS",
    "22P05, RECORDS",
    "23505, RECORDS",
    "23514, RECORDS",
    "42P01, TABLE",
    "42501, TABLE",
    "54000, STATEMENT",
    "P0001, STATEMENT",
    "25006, DATABASE",
    "40001, DATABASE",
    "40P01, DATABASE",
    "53100, DATABASE",
    "55P03, DATABASE",
    "08006, CONNECTION",
    "28P01, CONNECTION",
    "3D000, CONNECTION",
    "57014, CONNECTION",
    "57P01, CONNECTION",
    "58030, CONNECTION",
    "XX001, CONNECTION",
  })
  void a_class_of_states_tells_whose_fault_it_is(String state, Fault fault) {
    assertEquals(fault, Fault.ofState(state));
  }

  @ParameterizedTest
  @CsvSource({
    "H2, HYT00, 50200, DATABASE",
    "H2, 90044, 90044, STATEMENT",
    "MARIADB, 42000, 1118, STATEMENT", // a row too long: a record may be at fault
    "MARIADB, 23000, 4025, RECORDS",
    "MARIADB, 45000, 1644, STATEMENT",
    "MARIADB, HY000, 1205, DATABASE",
    "MARIADB, HY000, 9999, CONNECTION",
    "ANSI, 42000, 1118, TABLE",
  })
  void a_dialect_knows_the_codes_of_its_database(
      Dialect dialect, String state, int code, Fault fault) {
    assertEquals(fault, dialect.faultOf(new SQLException("failed", state, code)));
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "22", "220031", "ZZZZZ"})
  void what_nobody_knows_is_never_the_records_fault(String state) {
    assertEquals(Fault.CONNECTION, Fault.ofState(state));
  }
}
