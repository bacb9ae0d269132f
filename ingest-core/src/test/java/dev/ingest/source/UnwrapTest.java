package dev.ingest.source;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.Random;
import java.util.zip.CRC32;
import java.util.zip.Deflater;
import java.util.zip.DeflaterOutputStream;
import java.util.zip.GZIPOutputStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class UnwrapTest {
  private static final int LIMIT = 1_000;
  private static final byte[] RECORD = "{\"id\":1}".getBytes(UTF_8);

  private final Unwrap gzip = Unwrap.gzip(LIMIT);
  private final Unwrap zlib = Unwrap.zlib(LIMIT);
  private final Unwrap syslog = Unwrap.syslog();

  /** Unwraps bytes that lie in the middle of a buffer, as receivers have them. */
  private static byte[] unwrap(Unwrap unwrap, byte[] message) throws UnwrapException {
    ByteBuffer buffer = ByteBuffer.allocateDirect(message.length + 6);
    buffer.position(3).put(message).flip().position(3);
    ByteBuffer content = unwrap.unwrap(buffer);
    byte[] bytes = new byte[content.remaining()];
    content.get(bytes);
    return bytes;
  }

  private static String failure(Unwrap unwrap, byte[] message) {
    return String.valueOf(
        assertThrows(UnwrapException.class, () -> unwrap(unwrap, message)).getMessage());
  }

  private static byte[] gzipped(byte[] bytes) throws IOException {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    try (OutputStream gzip = new GZIPOutputStream(out)) {
      gzip.write(bytes);
    }
    return out.toByteArray();
  }

  private static byte[] deflated(byte[] bytes) throws IOException {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    try (OutputStream zlib = new DeflaterOutputStream(out)) {
      zlib.write(bytes);
    }
    return out.toByteArray();
  }

  private static byte[] concat(byte[]... parts) {
    ByteArrayOutputStream all = new ByteArrayOutputStream();
    for (byte[] part : parts) {
      all.writeBytes(part);
    }
    return all.toByteArray();
  }

  @Test
  void what_was_compressed_comes_out_one_message_after_the_other() throws Exception {
    Random random = new Random(17);
    for (int length : new int[] {0, 1, 8, 500, 3, LIMIT, 20}) {
      byte[] bytes = new byte[length];
      random.nextBytes(bytes);
      assertArrayEquals(bytes, unwrap(gzip, gzipped(bytes)));
      assertArrayEquals(bytes, unwrap(zlib, deflated(bytes)));
    }
  }

  @Test
  void more_than_the_limit_is_rejected_however_little_came() throws Exception {
    byte[] bomb = new byte[10 << 20];
    assertEquals(
        "as gzip: more than 1000 bytes come out: send less at once, or raise the limit of"
            + " Unwrap.gzip()",
        failure(gzip, gzipped(bomb)));
    assertTrue(failure(zlib, deflated(new byte[LIMIT + 1])).contains("more than 1000 bytes"));
    assertArrayEquals(RECORD, unwrap(gzip, gzipped(RECORD))); // after that
  }

  @Test
  void a_limit_outside_its_range_is_refused_with_the_range() {
    for (int limit : new int[] {0, -1, Unwrap.MAX_BYTES + 1}) {
      assertEquals(
          "maxBytes is " + limit + ": expected 1 to 1048576",
          assertThrows(IllegalArgumentException.class, () -> Unwrap.zlib(limit)).getMessage());
    }
  }

  @Test
  void what_is_cut_off_or_damaged_anywhere_is_rejected() throws Exception {
    byte[] gzipped = gzipped(RECORD);
    byte[] deflated = deflated(RECORD);
    for (int length = 0; length < gzipped.length; length++) {
      failure(gzip, Arrays.copyOf(gzipped, length));
    }
    for (int length = 0; length < deflated.length; length++) {
      failure(zlib, Arrays.copyOf(deflated, length));
    }
    for (int at = gzipped.length - 8; at < gzipped.length; at++) { // checksum and length
      byte[] damaged = gzipped.clone();
      damaged[at] ^= 1;
      assertEquals("as gzip: its checksum or its length is wrong", failure(gzip, damaged));
    }
    assertTrue(failure(zlib, gzipped).startsWith("as zlib: it is damaged: "));
    assertTrue(failure(gzip, RECORD).contains("expected the bytes 1f 8b 08 first"));
  }

  @Test
  void a_gzip_header_may_have_all_its_parts() throws Exception {
    byte[] plain = gzipped(RECORD);
    byte[] header = Arrays.copyOf(plain, 10);
    header[3] = 1 | 2 | 4 | 8 | 16;
    byte[] parts = concat(new byte[] {3, 0, 1, 2, 3}, "name\0comment\0".getBytes(UTF_8));
    CRC32 crc = new CRC32();
    crc.update(header);
    crc.update(parts);
    byte[] sum = {(byte) crc.getValue(), (byte) (crc.getValue() >> 8)};
    byte[] rest = Arrays.copyOfRange(plain, 10, plain.length);
    assertArrayEquals(RECORD, unwrap(gzip, concat(header, parts, sum, rest)));
    header[3] = (byte) 0x80;
    assertTrue(failure(gzip, concat(header, rest)).contains("flags"));
  }

  @Test
  void members_of_gzip_that_follow_one_another_are_one_message() throws Exception {
    byte[] twice = concat(gzipped(RECORD), gzipped(RECORD));
    assertArrayEquals(concat(RECORD, RECORD), unwrap(gzip, twice));
    byte[] half = gzipped(new byte[LIMIT / 2 + 1]);
    assertTrue(failure(gzip, concat(half, half)).contains("more than 1000 bytes"));
  }

  @Test
  void zeros_may_follow_and_nothing_else() throws Exception {
    assertArrayEquals(RECORD, unwrap(gzip, concat(gzipped(RECORD), new byte[5])));
    assertArrayEquals(RECORD, unwrap(zlib, concat(deflated(RECORD), new byte[5])));
    assertTrue(
        failure(zlib, concat(deflated(RECORD), RECORD)).contains("something follows its end"));
    assertTrue(failure(gzip, concat(gzipped(RECORD), RECORD)).contains("no header of gzip"));
  }

  @Test
  void zlib_that_needs_a_dictionary_is_rejected() {
    Deflater deflater = new Deflater();
    deflater.setDictionary(RECORD);
    deflater.setInput(RECORD);
    deflater.finish();
    byte[] out = new byte[100];
    byte[] deflated = Arrays.copyOf(out, deflater.deflate(out));
    deflater.end();
    System.arraycopy(out, 0, deflated, 0, deflated.length);
    assertTrue(failure(zlib, deflated).contains("dictionary"));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "<14>1 2025-07-05T11:31:01.123Z host app 17 ID1 - {\"id\":1}",
        "<0>1 - - - - - - {\"id\":1}",
        "<191>1 - - - - - [a@1 b=\"x ] \\\" \\] {\" c=\"\"][d@2] {\"id\":1}",
        "<14>1 - - - - - - @cee: {\"id\":1}",
        "<14>1 - - - - - -  @cee:{\"id\":1}",
        "<34>Oct 11 22:14:15 mymachine su[12]: {\"id\":1}",
        "<34>Oct  1 22:14:15 2001:db8::7 su: {\"id\":1}",
        "<34>su: @cee:{\"id\":1}",
        "<34>{\"id\":1}",
        "<34>1{\"id\":1}"
      })
  void the_json_behind_a_syslog_header_comes_out(String message) throws Exception {
    assertEquals("{\"id\":1}", new String(unwrap(syslog, message.getBytes(UTF_8)), UTF_8));
  }

  @Test
  void an_array_behind_a_syslog_header_comes_out_whole() throws Exception {
    for (String header : new String[] {"<34>Oct 11 22:14:15 host su[12]: ", "<34>1 - - - - - - "}) {
      byte[] content = unwrap(syslog, (header + "[ {\"id\":1}, {}]").getBytes(UTF_8));
      assertEquals("[ {\"id\":1}, {}]", new String(content, UTF_8));
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "<",
        "<>",
        "{\"id\":1}",
        "<1",
        "<192>x {}",
        "<1234>x {}",
        "<a>x {}",
        "<-1>x {}",
        "<34>no json",
        "<34>",
        "<34>1 ",
        "<34>1 - - - - -",
        "<34>1 - - - - - ",
        "<34>1 - - - - - -",
        "<34>1 - - - - - [a b=\"]\" {}",
        "<34>1 - - - - - [a]{}"
      })
  void what_has_no_syslog_header_or_nothing_behind_it_is_rejected(String message) {
    String failure = failure(syslog, message.getBytes(UTF_8));
    assertTrue(failure.contains("expected"), failure);
  }
}
