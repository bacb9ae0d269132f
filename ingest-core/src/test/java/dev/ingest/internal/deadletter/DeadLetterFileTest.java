package dev.ingest.internal.deadletter;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.ingest.internal.ledger.Ledger;
import dev.ingest.internal.log.Unprintable;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.Arrays;
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
  private static final String SOURCE = "127.0.0.1:4711";

  @TempDir Path directory;

  @Test
  void a_letter_is_a_line_of_json_with_all_there_is_to_know() throws Exception {
    String payload = "{\"a\":\"\\u0000\"}\n\t\r\u0001\u007f \"ä😀\" \\";
    Instant before = Instant.now().minus(Duration.ofSeconds(1));
    Map<String, String> letter = writeAndRead(payload.getBytes(UTF_8));
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
      try (DeadLetterFile letters = open(file)) {
        assertTrue(write(letters, "x".getBytes(UTF_8)));
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
    try (DeadLetterFile letters = open(file)) {
      assertTrue(write(letters, new byte[100]));
      Files.write(file, new byte[0]);
      assertTrue(write(letters, "x".getBytes(UTF_8)));
    }
    List<String> lines = Files.readAllLines(file);
    assertEquals(1, lines.size());
    assertEquals("x", parse(lines.get(0)).get("payload"));
  }

  @Test
  void a_file_has_one_writer() throws Exception {
    Path file = directory.resolve("dead.ndjson");
    try (DeadLetterFile first = open(file)) {
      IOException refused = assertThrows(IOException.class, () -> open(file));
      assertTrue(refused.getMessage().contains(file + " is in use"), refused.getMessage());
      assertTrue(write(first, new byte[0]));
    }
    open(file).close();
  }

  @Test
  void a_file_that_cannot_be_written_is_named() {
    Path missing = directory.resolve("missing").resolve("dead.ndjson");
    for (Path path : List.of(directory, missing)) {
      IOException refused = assertThrows(IOException.class, () -> open(path));
      assertTrue(refused.getMessage().contains(path.toString()), refused.getMessage());
    }
  }

  @Test
  void terminal_controls_are_escaped_wherever_they_stand() throws Exception {
    String controls = "\u0000\u001b\u007f\u0085\u009b\u061c\u200e\u2028\u2029\u202e\u2066\u2069";
    Path file = directory.resolve("letters.ndjson");
    try (DeadLetterFile letters = open(file)) {
      ByteBuffer payload = ByteBuffer.wrap(("{" + controls + "\u00e9").getBytes(UTF_8));
      letters.write(new DeadLetter(SOURCE, "REFUSED", "d" + controls, payload.duplicate()));
      letters.addRejected(new DeadLetter(SOURCE, "BAD", "d" + controls, payload));
      letters.flush();
    }
    for (String line : Files.readAllLines(file)) {
      assertTrue(line.chars().noneMatch(c -> Unprintable.is((char) c)), line);
      assertTrue(line.contains("\u00e9"), "what can be shown is not escaped: " + line);
      assertEquals("d" + controls, parse(line).get("detail"));
      assertEquals("{" + controls + "\u00e9", parse(line).get("payload"));
    }
  }

  @Test
  void of_a_rejected_message_the_first_kilobyte_is_kept_and_its_length() throws Exception {
    Map<String, String> letter = rejectedLetter(("x".repeat(1_023) + "yz").getBytes(UTF_8));
    assertEquals("x".repeat(1_023) + "y", letter.get("payload"));
    assertEquals("1025", letter.get("bytes"));
    letter = rejectedLetter("x".repeat(1_024).getBytes(UTF_8));
    assertEquals("x".repeat(1_024), letter.get("payload"));
    assertFalse(letter.containsKey("bytes"));
  }

  @Test
  void a_payload_is_not_cut_in_the_middle_of_a_character() throws Exception {
    for (int before = 1_020; before <= 1_024; before++) {
      byte[] payload = ("x".repeat(before) + "\ud83d\ude00\u00e9").getBytes(UTF_8);
      Map<String, String> letter = rejectedLetter(payload);
      String kept = "x".repeat(before) + (before == 1_020 ? "\ud83d\ude00" : "");
      assertEquals(kept, letter.get("payload"), "after " + before);
      assertEquals(String.valueOf(payload.length), letter.get("bytes"));
    }
  }

  @Test
  void of_a_long_message_that_is_not_utf8_the_first_kilobyte_is_in_base64() throws Exception {
    byte[] payload = new byte[5_000];
    Arrays.fill(payload, (byte) 0x80);
    Map<String, String> letter = rejectedLetter(payload);
    assertArrayEquals(
        Arrays.copyOf(payload, 1_024), Base64.getDecoder().decode(letter.get("payloadBase64")));
    assertEquals("5000", letter.get("bytes"));
  }

  @Test
  void the_longest_letter_of_a_datagram_fits_into_the_smallest_limit() throws Exception {
    Path file = directory.resolve("letters.ndjson");
    ByteBuffer worst = ByteBuffer.wrap("\u007f".repeat(65_527).getBytes(UTF_8));
    String endless = "\u2028".repeat(1_000_000);
    try (DeadLetterFile letters = open(file)) {
      assertTrue(letters.write(new DeadLetter(SOURCE, "REFUSED", endless, worst)).isEmpty());
    }
    assertEquals(65_527, parse(Files.readString(file)).get("payload").length());
  }

  private Map<String, String> rejectedLetter(byte[] payload) throws Exception {
    Path file = directory.resolve("letters.ndjson");
    Files.deleteIfExists(file);
    try (DeadLetterFile letters = open(file)) {
      letters.addRejected(new DeadLetter(SOURCE, "BAD", "d", ByteBuffer.wrap(payload)));
      letters.flush();
    }
    return parse(Files.readString(file));
  }

  private Map<String, String> writeAndRead(byte[] payload) throws Exception {
    Path file = directory.resolve("letters.ndjson");
    try (DeadLetterFile letters = open(file)) {
      assertTrue(write(letters, payload));
      List<String> lines = Files.readAllLines(file);
      assertEquals(1, lines.size(), "written at once");
      return parse(lines.get(0));
    }
  }

  private static DeadLetterFile open(Path file) throws IOException {
    return DeadLetterFile.open(file, 1 << 20, new Ledger());
  }

  private static boolean write(DeadLetterFile letters, byte[] payload) {
    byte[] buffer = new byte[payload.length + 20];
    System.arraycopy(payload, 0, buffer, 10, payload.length);
    ByteBuffer bytes = ByteBuffer.wrap(buffer, 10, payload.length);
    return letters
        .write(new DeadLetter(SOURCE, "WRONG_TYPE", "a \"quoted\" detail", bytes))
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
