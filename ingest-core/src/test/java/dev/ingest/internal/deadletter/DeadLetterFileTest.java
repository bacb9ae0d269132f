package dev.ingest.internal.deadletter;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.Base64;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.core.JsonParser;
import tools.jackson.core.JsonToken;
import tools.jackson.core.ObjectReadContext;
import tools.jackson.core.json.JsonFactory;

class DeadLetterFileTest {
  @TempDir Path directory;

  @Test
  void a_letter_is_a_line_of_json_with_all_there_is_to_know() throws Exception {
    String payload = "{\"a\":\"\\u0000\"}\n\t\r\u0001\u007f \"ä😀\" \\";
    Instant before = Instant.now().minus(Duration.ofSeconds(1));
    Map<String, String> letter = writeAndRead(payload.getBytes(StandardCharsets.UTF_8));
    assertEquals("WRONG_TYPE", letter.get("reason"));
    assertEquals("a \"quoted\" detail", letter.get("detail"));
    assertEquals("127.0.0.1:4711", letter.get("source"));
    assertEquals(payload, letter.get("payload"));
    Instant time = Instant.parse(letter.get("time"));
    assertTrue(
        time.isAfter(before) && time.isBefore(Instant.now().plusSeconds(1)), time.toString());
  }

  @Test
  void bytes_that_are_not_utf8_come_back_from_base64() throws Exception {
    byte[] payload = {'{', (byte) 0xff, 0, (byte) 0xc0, '\n'};
    Map<String, String> letter = writeAndRead(payload);
    assertFalse(letter.containsKey("payload"));
    assertArrayEquals(payload, Base64.getDecoder().decode(letter.get("payloadBase64")));
  }

  @Test
  void the_file_is_appended_to_and_a_torn_line_is_ended() throws Exception {
    Path file = directory.resolve("dead.ndjson");
    Files.writeString(file, "{\"whole\":1}\n{\"torn");
    for (int i = 0; i < 2; i++) {
      try (DeadLetterFile letters = DeadLetterFile.open(file)) {
        assertTrue(write(letters, "x".getBytes(StandardCharsets.UTF_8)));
      }
    }
    List<String> lines = Files.readAllLines(file);
    assertEquals(4, lines.size());
    assertEquals(List.of("{\"whole\":1}", "{\"torn"), lines.subList(0, 2));
    assertEquals("x", parse(lines.get(2)).get("payload"));
    assertEquals("x", parse(lines.get(3)).get("payload"));
  }

  @Test
  void a_file_that_is_truncated_meanwhile_begins_anew() throws Exception {
    Path file = directory.resolve("dead.ndjson");
    try (DeadLetterFile letters = DeadLetterFile.open(file)) {
      assertTrue(write(letters, new byte[100]));
      Files.write(file, new byte[0]);
      assertTrue(write(letters, "x".getBytes(StandardCharsets.UTF_8)));
    }
    List<String> lines = Files.readAllLines(file);
    assertEquals(1, lines.size());
    assertEquals("x", parse(lines.get(0)).get("payload"));
  }

  @Test
  void a_file_has_one_writer() throws Exception {
    Path file = directory.resolve("dead.ndjson");
    try (DeadLetterFile first = DeadLetterFile.open(file)) {
      IOException refused = assertThrows(IOException.class, () -> DeadLetterFile.open(file));
      assertTrue(refused.getMessage().contains(file + " is in use"), refused.getMessage());
      assertTrue(write(first, new byte[0]));
    }
    DeadLetterFile.open(file).close();
  }

  @Test
  void a_file_that_cannot_be_written_is_named() {
    Path missing = directory.resolve("missing").resolve("dead.ndjson");
    for (Path path : List.of(directory, missing)) {
      IOException refused = assertThrows(IOException.class, () -> DeadLetterFile.open(path));
      assertTrue(refused.getMessage().contains(path.toString()), refused.getMessage());
    }
  }

  @Test
  void a_letter_that_cannot_be_written_is_reported() throws Exception {
    Path full = Path.of("/dev/full");
    assumeTrue(Files.exists(full), "/dev/full is Linux's");
    try (DeadLetterFile letters = DeadLetterFile.open(full)) {
      assertFalse(write(letters, new byte[] {'x'}));
      assertFalse(write(letters, new byte[] {'y'}));
    } catch (IOException e) {
      assertTrue(
          e.getMessage().contains("sync failed"), e.getMessage()); // a device cannot be synced
    }
  }

  private Map<String, String> writeAndRead(byte[] payload) throws Exception {
    Path file = directory.resolve("letters.ndjson");
    try (DeadLetterFile letters = DeadLetterFile.open(file)) {
      assertTrue(write(letters, payload));
      List<String> lines = Files.readAllLines(file);
      assertEquals(1, lines.size(), "written at once");
      return parse(lines.get(0));
    }
  }

  private static boolean write(DeadLetterFile letters, byte[] payload) {
    byte[] buffer = new byte[payload.length + 20];
    System.arraycopy(payload, 0, buffer, 10, payload.length);
    ByteBuffer bytes = ByteBuffer.wrap(buffer, 10, payload.length);
    return letters
        .write(new DeadLetter("127.0.0.1:4711", "WRONG_TYPE", "a \"quoted\" detail", bytes))
        .isEmpty();
  }

  private static Map<String, String> parse(String line) {
    Map<String, String> fields = new HashMap<>();
    try (JsonParser parser = new JsonFactory().createParser(ObjectReadContext.empty(), line)) {
      assertEquals(JsonToken.START_OBJECT, parser.nextToken());
      for (String name = parser.nextName(); name != null; name = parser.nextName()) {
        parser.nextToken();
        fields.put(name, parser.getString());
      }
    }
    return fields;
  }
}
