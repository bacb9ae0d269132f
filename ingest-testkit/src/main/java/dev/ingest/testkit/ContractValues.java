package dev.ingest.testkit;

import dev.ingest.record.FieldType;
import java.time.Instant;
import java.util.List;
import java.util.stream.LongStream;

/** Values of each type: plain ones, and those that stores are known to change or to refuse. */
final class ContractValues {
  private static final List<Long> INTEGERS =
      List.of(
          0L, -1L, Long.MIN_VALUE, Long.MAX_VALUE, (1L << 53) + 1, -(1L << 53) - 1, 1L << 31, 42L);

  private static final List<Double> REALS =
      List.of(
          0.0,
          -0.0,
          Double.MIN_VALUE,
          -Double.MIN_VALUE,
          Double.MIN_NORMAL,
          Math.nextDown(Double.MIN_NORMAL), // the largest subnormal number
          Double.MAX_VALUE,
          -Double.MAX_VALUE,
          0.1,
          1.0 / 3,
          1e22,
          9007199254740994.0,
          -9.223372036854776E18,
          17.0);

  private static final List<String> TEXTS =
      List.of(
          "",
          " ",
          "  white space around\t",
          "it's; DROP TABLE contract; --",
          "\"quoted\", with a comma",
          "two\nlines",
          "carriage\r\nreturn\r",
          "back\\slash \\n \\N \\u0041 %s $1 ? {}",
          "NULL",
          "null",
          "17",
          "1e3",
          "true",
          "\u0001\b\f\u001b\u001f\u007f",
          "\u00e9 and e\u0301",
          "\u65e5\u672c\u8a9e",
          "\ud83d\ude00 \ud83d\udc69\u200d\ud83d\udc69\u200d\ud83d\udc67",
          "\ufeffmarked \u2028\u2029\u00a0",
          "\uffff\ud83f\udffe",
          "<a href='x'>&amp;</a>",
          "a,b;c|d",
          "x\ud83d\ude00".repeat(1_000));

  private static final List<Instant> TIMES =
      LongStream.of(
              0,
              -1,
              1,
              Long.MIN_VALUE,
              Long.MAX_VALUE,
              999_999_999,
              -999_999_999,
              1_751_715_061_120_000_000L,
              1_751_715_061_123_456_789L,
              -2_208_988_800_000_000_500L)
          .mapToObj(nanos -> Instant.EPOCH.plusNanos(nanos))
          .toList();

  private static final List<String> DOCUMENTS =
      List.of(
          "{}",
          "[]",
          "\"\"",
          "0",
          "false",
          "{\"b\":  1, \"a\" : [true, null, {\"c\": -0.5e-3}]}",
          "\"quotes \\\" ' \\\\ and \\u00e9\\n\"",
          "12345678901234567890.123456789",
          "[ 1 ,2.0,1E2 ]",
          "{\"\ud83d\ude00\": \"it's\", \"\": \"\"}",
          "\"null\"");

  private ContractValues() {}

  static Object plain(FieldType type, long number) {
    return switch (type) {
      case INTEGER -> number;
      case REAL -> number + 0.5;
      case TEXT -> "text " + number;
      case BOOLEAN -> number / 100 % 2 == 0;
      case TIMESTAMP -> Instant.ofEpochSecond(1_751_715_061 + number, 250_000_000);
      case JSON -> "{\"n\": [" + number + "]}";
    };
  }

  static List<?> extreme(FieldType type) {
    return switch (type) {
      case INTEGER -> INTEGERS;
      case REAL -> REALS;
      case TEXT -> TEXTS;
      case BOOLEAN -> List.of(true, false);
      case TIMESTAMP -> TIMES;
      case JSON -> DOCUMENTS;
    };
  }
}
