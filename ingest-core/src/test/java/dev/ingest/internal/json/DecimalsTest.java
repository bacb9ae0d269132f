package dev.ingest.internal.json;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.math.BigDecimal;
import java.math.RoundingMode;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class DecimalsTest {
  private final Decimals decimals = new Decimals();

  @ParameterizedTest
  @CsvSource({
    "0, 0, 0, true",
    "-0, 0, 0, true",
    "17.0, 0, 17, true",
    "1e3, 0, 1000, true",
    "1.5e1, 0, 15, true",
    "-0.0, 0, 0, true",
    "150e-1, 0, 15, true",
    "+007, 0, 7, true",
    ".5, 0, 1, false",
    "-.5, 0, -1, false",
    "5., 0, 5, true",
    "17.5, 0, 18, false",
    "-17.5, 0, -18, false",
    "17.49, 0, 17, false",
    "0.04, 0, 0, false",
    "1e-400, 0, 0, false",
    "0e999999999, 0, 0, true",
    "9223372036854775807, 0, 9223372036854775807, true",
    "9223372036854775807.0, 0, 9223372036854775807, true",
    "-9223372036854775808, 0, -9223372036854775808, true",
    "922337203685477580700e-2, 0, 9223372036854775807, true",
    "1751715061123, 6, 1751715061123000000, true",
    "1751715061123.4567891, 6, 1751715061123456789, false",
    "1751715061123.4567895, 6, 1751715061123456790, false",
    "1751715061123456.789, 3, 1751715061123456789, true",
    "1751715061123456789, 0, 1751715061123456789, true",
    "1751715061123456788.5, 0, 1751715061123456789, false",
    "1.751715061123e12, 6, 1751715061123000000, true",
    "9223372036854.775807, 6, 9223372036854775807, true",
    "-9223372036854.775808, 6, -9223372036854775808, true",
  })
  void a_number_is_read_exactly(String text, int power, long value, boolean exact) {
    assertTrue(read(text, power));
    assertEquals(value, decimals.value());
    assertEquals(exact, decimals.exact());
  }

  @ParameterizedTest
  @CsvSource({
    "9223372036854775808, 0",
    "-9223372036854775809, 0",
    "9223372036854775807.5, 0",
    "18446744073709551617, 0",
    "99999999999999999999, 0",
    "1e19, 0",
    "1e999999999, 0",
    "9223372036854.775808, 6",
    "9223372037, 9",
  })
  void what_a_long_cannot_hold_is_not_read(String text, int power) {
    assertFalse(read(text, power));
  }

  @Test
  void every_number_is_what_a_big_decimal_makes_of_it() {
    long seed = System.nanoTime();
    Random random = new Random(seed);
    for (int i = 0; i < 300_000; i++) {
      String text = number(random);
      int power = 3 * random.nextInt(4);
      BigDecimal scaled = new BigDecimal(text).movePointRight(power);
      BigDecimal rounded = scaled.setScale(0, RoundingMode.HALF_UP);
      boolean fits = rounded.toBigInteger().bitLength() < Long.SIZE;
      assertEquals(fits, read(text, power), () -> text + ", seed " + seed);
      if (fits) {
        assertEquals(rounded.longValueExact(), decimals.value(), () -> text + ", seed " + seed);
        assertEquals(
            scaled.compareTo(rounded) == 0, decimals.exact(), () -> text + ", seed " + seed);
      }
    }
  }

  private static String number(Random random) {
    StringBuilder text = new StringBuilder();
    text.append(new String[] {"", "", "-", "+"}[random.nextInt(4)]);
    int before = random.nextInt(22);
    int after = random.nextInt(4) == 0 ? random.nextInt(25) : random.nextInt(11);
    digits(text, random, before);
    if (after > 0 || before == 0 || random.nextInt(8) == 0) {
      text.append('.');
      digits(text, random, before == 0 && after == 0 ? 1 : after);
    }
    if (random.nextInt(3) == 0) {
      text.append(random.nextBoolean() ? 'e' : 'E');
      text.append(new String[] {"", "-", "+"}[random.nextInt(3)]).append(random.nextInt(30));
    }
    return text.toString();
  }

  private static void digits(StringBuilder text, Random random, int count) {
    boolean zeros = random.nextInt(4) == 0;
    for (int i = 0; i < count; i++) {
      text.append(zeros ? 0 : random.nextInt(10));
    }
  }

  @Test
  void neither_digits_nor_exponents_beyond_all_bounds_disturb_it() {
    String zeros = "0".repeat(990);
    assertTrue(read("1." + zeros, 9));
    assertEquals(1_000_000_000, decimals.value());
    assertTrue(read("0." + zeros + "1e991", 9));
    assertEquals(1_000_000_000, decimals.value());
    assertTrue(read("1" + zeros + "e-990", 0));
    assertEquals(1, decimals.value());
    assertTrue(read(zeros + "1", 0));
    assertEquals(1, decimals.value());
    assertFalse(read("1" + zeros, 0));
    assertTrue(read("1e-" + "9".repeat(990), 9));
    assertEquals(0, decimals.value());
  }

  private boolean read(String text, int power) {
    return decimals.read(("1" + text + "1").toCharArray(), 1, text.length(), power);
  }

  @Test
  void a_number_is_scanned_where_its_bytes_lie_however_near_the_end() {
    Random random = new Random(7);
    String[] ends = {",", "}", " ", ":", "/", "\n", "\u00e9", "\u0000", "-", ","};
    for (int i = 0; i < 200_000; i++) {
      StringBuilder number = new StringBuilder(random.nextBoolean() ? "-" : "");
      number.append(1 + random.nextInt(9));
      digits(number, random, random.nextInt(10));
      if (random.nextInt(3) > 0) {
        digits(number.append('.'), random, 1 + random.nextInt(9));
      }
      String text = "[".repeat(random.nextInt(3)) + number + ends[random.nextInt(ends.length)];
      byte[] bytes = (text + "9".repeat(random.nextInt(20))).getBytes(UTF_8);
      int from = text.indexOf(number.charAt(0));
      assertEquals(from + number.length(), decimals.scan(bytes, from), text);
      assertEquals(Double.parseDouble(number.toString()), decimals.scannedDouble(), text);
      assertEquals(number.indexOf(".") >= 0, decimals.hasFraction(), text);
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "-",
        "x",
        "-x",
        ".5",
        "01",
        "-00",
        "5.",
        "5.x",
        "+5",
        "1e5",
        "1E5",
        "1.5e3",
        "12345678901234567890",
        "1.2345678901234567890",
        "123456789012345678901234567890"
      })
  void what_is_not_plain_is_not_scanned(String text) {
    assertEquals(Decimals.NOT_PLAIN, decimals.scan((text + ",").getBytes(UTF_8), 0));
    assertEquals(Decimals.NOT_PLAIN, decimals.scan((text + ",        ").getBytes(UTF_8), 0));
  }
}
