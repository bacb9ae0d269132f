package dev.ingest.bench;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.ingest.record.Schema;
import java.util.List;
import java.util.Random;
import java.util.function.Function;

/**
 * One kind of input that nobody in good faith would send: what it is called, and how one datagram
 * of it is made. Most fill the largest datagram that is accepted unless set.
 */
record HostileKind(String name, Function<Random, byte[]> datagram) {
  private static final int SIZE = 8_192;

  /** One field of each type and a few more, none required, so that the least record is empty. */
  static final Schema SCHEMA =
      Schema.builder("readings")
          .integer("id")
          .optional()
          .timestamp("at")
          .optional()
          .real("value")
          .optional()
          .text("name")
          .optional()
          .bool("valid")
          .optional()
          .build();

  /** What the others are compared with, and what the other source of the soak sends. */
  static final HostileKind PLAIN =
      text(
          "a plain record",
          random ->
              "{\"id\":%d,\"at\":1751715061.12,\"value\":%d.5,\"name\":\"hall\",\"valid\":true}"
                  .formatted(random.nextInt(1 << 20), random.nextInt(1_000)));

  static final List<HostileKind> ALL =
      List.of(
          text("an empty datagram", random -> ""),
          text("white space", random -> " ".repeat(SIZE)),
          text("white space between tokens", random -> fill("{\"id\"", "\t\r\n ", ":1}")),
          bytes("random bytes", HostileKind::noise),
          text("random letters", random -> letters(random, SIZE)),
          new HostileKind("gzip", random -> begin(noise(random), 0x1f, 0x8b)),
          text("a syslog line", random -> fill("<13>Jan 31 12:00:00 host app: ", "x", "")),
          text("half a record", random -> "{\"id\":1,\"value\":"),
          text("a byte that is no JSON", random -> "x"),
          text("an opening brace", random -> "{"),
          text("opening brackets", random -> "[".repeat(SIZE)),
          text("arrays at the deepest level", random -> fill(deep("["), "[],", "[]" + deepEnd())),
          text("objects in objects", random -> fill("{\"o\":", nested(), "1}")),
          text("one new long name", random -> "{\"" + letters(random, 250) + "\":1}"),
          text("one new name that is too long", random -> "{\"" + letters(random, 8_000) + "\":1}"),
          text("new names of 8 letters", random -> members(random, 8, "\"%s\":1")),
          text("new names of 250 letters", random -> members(random, 250, "\"%s\":1")),
          text("new names with escapes", random -> members(random, 4, "\"\\u0041%s\":1")),
          text("new names of other letters", random -> members(random, 4, "\"\u00e4%s\u6f22\":1")),
          text("names of the same 4-byte groups", HostileKind::permuted),
          text(
              "new names inside a value",
              random -> "{\"o\":" + members(random, 8, "\"%s\":1") + "}"),
          text("an integer of 1,000 digits", random -> "{\"id\":" + digits(random, 1_000) + "}"),
          text("an integer of 8,000 digits", random -> "{\"id\":" + digits(random, 8_000) + "}"),
          text("a number of 1,000 digits", random -> "{\"value\":0." + digits(random, 999) + "}"),
          text("a number that is hard to round", random -> "{\"value\":" + halfway() + "}"),
          text("the least number, in 1,000 digits", random -> "{\"value\":" + least(random) + "}"),
          text("a timestamp of 1,000 digits", random -> "{\"at\":0." + digits(random, 999) + "}"),
          text(
              "a timestamp before a large exponent",
              random -> "{\"at\":" + small(random) + "e980}"),
          text("a timestamp that is no date", random -> "{\"at\":\"2025-07-05T11:31:01.12\"}"),
          text("a timestamp out of range", random -> "{\"at\":\"9999-12-31T23:59Z\"}"),
          text("a timestamp text of 8,000 letters", random -> fill("{\"at\":\"2025", "0", "\"}")),
          text("ignored numbers of 1,000 digits", random -> ignored(digits(random, 1_000))),
          text("ignored numbers of one digit", random -> ignored("1")),
          text("ignored literals", random -> ignored("true")),
          text("ignored empty texts", random -> ignored("\"\"")),
          text("ignored escapes", random -> fill("{\"x\":\"", "\\u0000", "\"}")),
          text("text of escapes", random -> fill("{\"name\":\"", "\\u0041", "\"}")),
          text("text of surrogates", random -> fill("{\"name\":\"", "\\ud83d\\ude00", "\"}")),
          text("text of three bytes a letter", random -> fill("{\"name\":\"", "\u6f22", "\"}")),
          text(
              "text that ends with a lone surrogate",
              random -> fill("{\"name\":\"", "x", "\\ud800\"}")),
          new HostileKind("text that ends with no UTF-8", HostileKind::brokenUtf8),
          text("empty records", random -> fill("[", "{},", "{}]")),
          text("small records", random -> fill("[", "{\"id\":1},", "{\"id\":1}]")),
          text(
              "small records, the last one bad", random -> fill("[", "{\"id\":1},", "{\"id\":x}]")),
          text(
              "small records on lines, the last one bad",
              random -> fill("", "{\"id\":1}\n", "{\"id\"")),
          text("a field twice", random -> "{\"id\":1,\"id\":2}"),
          text("a wrong type", random -> "{\"id\":\"1\"}"),
          text("a record and more", random -> "{\"id\":1} {\"id\":1}"),
          text(
              "good and bad by turns",
              random -> random.nextBoolean() ? "{\"id\":1}" : "{\"id\":x}"),
          bytes("a datagram of 65,000 bytes", random -> new byte[65_000]));

  private static HostileKind text(String name, Function<Random, String> datagram) {
    return new HostileKind(name, random -> datagram.apply(random).getBytes(UTF_8));
  }

  private static HostileKind bytes(String name, Function<Random, byte[]> datagram) {
    return new HostileKind(name, datagram);
  }

  /** Returns a text of at most the size, with a middle as often as it fits. */
  private static String fill(String begin, String middle, String end) {
    int room = SIZE - begin.getBytes(UTF_8).length - end.getBytes(UTF_8).length;
    return begin + middle.repeat(room / middle.getBytes(UTF_8).length) + end;
  }

  private static String ignored(String value) {
    return fill("{\"x\":[", value + ",", value + "]}");
  }

  private static String members(Random random, int letters, String member) {
    StringBuilder object = new StringBuilder("{\"id\":1");
    while (object.length() < SIZE - letters - 300) {
      object.append(',').append(member.formatted(letters(random, letters)));
    }
    return object.append('}').toString();
  }

  /** Names of the same groups of 4 letters in another order, which some hash tables mix up. */
  private static String permuted(Random random) {
    StringBuilder object = new StringBuilder("{\"id\":1");
    while (object.length() < SIZE - 100) {
      object.append(",\"");
      for (int i = 0; i < 12; i++) {
        object.append(random.nextBoolean() ? "AaAa" : "BBBB");
      }
      object.append("\":1");
    }
    return object.append('}').toString();
  }

  private static String deep(String bracket) {
    return "{\"x\":" + bracket.repeat(62);
  }

  private static String deepEnd() {
    return "]".repeat(62) + "}";
  }

  private static String nested() {
    return "{\"a\":{\"a\":{\"a\":{}}},\"o\":";
  }

  private static String letters(Random random, int count) {
    StringBuilder letters = new StringBuilder(count);
    for (int i = 0; i < count; i++) {
      letters.append((char) ('a' + random.nextInt(26)));
    }
    return letters.toString();
  }

  private static String digits(Random random, int count) {
    StringBuilder digits = new StringBuilder(count).append((char) ('1' + random.nextInt(9)));
    while (digits.length() < count) {
      digits.append((char) ('0' + random.nextInt(10)));
    }
    return digits.toString();
  }

  /** In the middle between two doubles but for the last of many digits (1 + 2^-53 + a little). */
  private static String halfway() {
    return "1.00000000000000011102230246251565404236316680908203125" + "0".repeat(900) + "1";
  }

  private static String least(Random random) {
    return "0." + "0".repeat(323) + "4" + digits(random, 670) + "e0";
  }

  private static String small(Random random) {
    return "0." + "0".repeat(980) + "1" + digits(random, 9);
  }

  private static byte[] noise(Random random) {
    byte[] noise = new byte[SIZE];
    random.nextBytes(noise);
    return noise;
  }

  private static byte[] begin(byte[] bytes, int first, int second) {
    bytes[0] = (byte) first;
    bytes[1] = (byte) second;
    return bytes;
  }

  private static byte[] brokenUtf8(Random random) {
    byte[] bytes = fill("{\"name\":\"", "\u6f22", "?\"}").getBytes(UTF_8);
    bytes[bytes.length - 3] = (byte) 0xff;
    return bytes;
  }
}
