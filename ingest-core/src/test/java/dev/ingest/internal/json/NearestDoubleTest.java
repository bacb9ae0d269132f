package dev.ingest.internal.json;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.math.BigDecimal;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class NearestDoubleTest {
  @ParameterizedTest
  @ValueSource(
      strings = {
        "0",
        "-0",
        "0.0",
        "-0.0",
        "-0.000000000000000000000000000000000000",
        "0.5",
        "21.4",
        "-21.4",
        "21.400000000000002",
        "0.30000000000000004",
        "1",
        "-1",
        "007.5",
        "+1.5",
        ".5",
        "5.",
        "-.5",
        "9007199254740991",
        "9007199254740992",
        "9007199254740993",
        "9007199254740995",
        "9007199254740993.0",
        "900719925474099.25",
        "4503599627370496.5",
        "4503599627370497.5",
        "9999999999999999999",
        "999999999999999999.9",
        "18446744073709551615",
        "18446744073709551616",
        "0.000000000000000001",
        "0.9999999999999999999",
        "0.0000000000000000000000000000000000017",
        "1e23",
        "1.7976931348623157e308",
        "4.9e-324",
        "2.2250738585072011e-308",
        "1e400",
        "-1e400",
        "1e-400",
        "123456789.123456789e-5",
        "1.00000000000000011102230246251565404236316680908203125",
        "1.00000000000000011102230246251565404236316680908203124",
      })
  void a_number_is_read_as_the_nearest_double(String text) {
    check(text);
  }

  @Test
  void random_numbers_are_read_as_the_nearest_double() {
    Random random = new Random(1);
    for (int i = 0; i < 300_000; i++) {
      long digits = random.nextLong() >>> random.nextInt(64);
      String unsigned = Long.toUnsignedString(digits);
      int point = random.nextInt(unsigned.length() + 1);
      check(unsigned.substring(0, point) + "." + unsigned.substring(point));
      check("-0." + "0".repeat(random.nextInt(12)) + unsigned);
    }
  }

  @Test
  void what_a_double_is_printed_as_is_read_as_this_double() {
    Random random = new Random(2);
    for (int i = 0; i < 300_000; i++) {
      double value = (random.nextDouble() - 0.5) * Math.pow(10, random.nextInt(18) - 8);
      check(new BigDecimal(Double.toString(value)).toPlainString());
    }
  }

  @Test
  void numbers_next_to_the_middle_between_two_doubles_are_read_as_the_nearest() {
    Random random = new Random(3);
    for (int i = 0; i < 100_000; i++) {
      long bits = random.nextLong() >>> 10 | 1L << 53; // the middle, if the last bit is 1
      int shift = random.nextInt(10);
      BigDecimal middle = BigDecimal.valueOf(bits | 1).divide(BigDecimal.valueOf(1L << shift));
      check(middle.toPlainString());
      check(middle.add(BigDecimal.ONE.movePointLeft(middle.scale() + 1)).toPlainString());
      check(middle.subtract(BigDecimal.ONE.movePointLeft(middle.scale() + 1)).toPlainString());
    }
  }

  private static void check(String text) {
    char[] chars = ("x" + text + "9").toCharArray();
    double expected = Double.parseDouble(text);
    double actual = new Decimals().readDouble(chars, 1, text.length());
    assertEquals(
        Double.doubleToRawLongBits(expected), Double.doubleToRawLongBits(actual), () -> text);
  }
}
