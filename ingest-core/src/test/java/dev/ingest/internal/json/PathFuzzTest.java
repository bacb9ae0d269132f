package dev.ingest.internal.json;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.ingest.internal.decode.RejectedException;
import dev.ingest.record.Schema;
import dev.ingest.stats.RejectReason;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.function.Supplier;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** Records of any structure, by schemas of any paths, are decoded as {@link PlainReader} does. */
class PathFuzzTest {
  private static final List<String> NAMES = List.of("a", "b", "0", "1", "2", "01", "-", "", "ä~/");
  private static final List<String> SCALARS =
      List.of(
          "1",
          "-17",
          "0.5",
          "1e3",
          "\"x\"",
          "\"\\\"}\\\\\"",
          "\"\\u00e4ä😀\"",
          "true",
          "false",
          "null");

  private final long seed = System.nanoTime();
  private final Random random = new Random(seed);

  @Test
  void a_record_of_any_structure_is_read_as_its_schema_says() {
    int decoded = 0;
    int rejected = 0;
    for (int i = 0; i < 400; i++) {
      Schema schema = schema();
      Decoding decoding = new Decoding(schema);
      for (int j = 0; j < 40; j++) {
        String message = mutated(message());
        byte[] bytes = message.getBytes(StandardCharsets.UTF_8);
        Optional<List<List<Object>>> expected = PlainReader.read(schema, bytes);
        Supplier<String> context = () -> "seed " + seed + ", " + schema + ", " + message;
        try {
          assertEquals(expected, Optional.of(decoding.decode(bytes)), context);
          decoded++;
        } catch (RejectedException e) {
          assertTrue(
              expected.isEmpty() || e.reason() == RejectReason.TOO_MANY_RECORDS,
              () -> context.get() + ": " + e.detail());
          rejected++;
        }
      }
    }
    assertTrue(decoded > 500 && rejected > 500, decoded + " decoded, " + rejected + " rejected");
  }

  private Schema schema() {
    Schema.Builder schema = Schema.builder("t");
    for (int column = random.nextInt(5); column >= 0; column--) {
      String pointer =
          Stream.generate(() -> "/" + any(NAMES).replace("~", "~0").replace("/", "~1"))
              .limit(1 + random.nextInt(3))
              .collect(Collectors.joining());
      String name = "f" + column;
      switch (random.nextInt(8)) {
        case 0 -> schema.integer(name).from(pointer);
        case 1 -> schema.real(name).from(pointer);
        case 2 -> schema.text(name).from(pointer);
        case 3 -> schema.bool(name).from(pointer);
        case 4 -> schema.json(name).from("");
        default -> schema.json(name).from(pointer);
      }
      if (random.nextInt(5) > 0) {
        schema.optional();
      }
    }
    return schema.build();
  }

  private String message() {
    return switch (random.nextInt(4)) {
      case 0 -> "[" + object(3) + space() + "," + object(2) + "]";
      case 1 -> object(3) + " \n" + object(3);
      default -> space() + object(3) + space();
    };
  }

  /** Now and then with something wrong in it. */
  private String mutated(String message) {
    if (random.nextInt(4) > 0) {
      return message;
    }
    int at = random.nextInt(message.length());
    return message.substring(0, at)
        + any(List.of("", "}", "]", "\"", ",", "{", "nan", "\n"))
        + message.substring(Math.min(message.length(), at + random.nextInt(3)));
  }

  private String value(int depth) {
    int kind = depth == 0 ? 0 : random.nextInt(3);
    return switch (kind) {
      case 1 -> object(depth - 1);
      case 2 ->
          Stream.generate(() -> space() + value(depth - 1) + space())
              .limit(random.nextInt(4))
              .collect(Collectors.joining(",", "[" + space(), "]"));
      default -> any(SCALARS);
    };
  }

  private String object(int depth) {
    return Stream.generate(
            () -> space() + '"' + any(NAMES) + '"' + space() + ":" + space() + value(depth))
        .limit(random.nextInt(5))
        .collect(Collectors.joining(space() + ",", "{" + space(), "}"));
  }

  private String space() {
    return random.nextInt(4) == 0 ? any(List.of(" ", "\t", "\r\n", "  ")) : "";
  }

  private String any(List<String> strings) {
    return strings.get(random.nextInt(strings.size()));
  }
}
