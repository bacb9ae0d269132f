package dev.ingest.internal.batch;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.ingest.internal.log.Addresses;
import java.net.Inet6Address;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.net.UnixDomainSocketAddress;
import java.util.Arrays;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class ArrivalHeaderTest {
  private static final SocketAddress SENDER =
      new InetSocketAddress(InetAddress.getLoopbackAddress(), 4711);

  private final ArrivalHeader header = new ArrivalHeader();

  private String written(SocketAddress sender, long time) {
    header.write(sender, time);
    Payload payload = new Payload(0);
    int offset = header.appendTo(payload);
    return new String(payload.bytes(), offset, header.length(), ISO_8859_1);
  }

  private static int length(String line) {
    byte[] bytes = ("x" + line + "x").getBytes(ISO_8859_1);
    return ArrivalHeader.length(bytes, 1, bytes.length - 1);
  }

  @ParameterizedTest
  @ValueSource(longs = {0, 9, 10, 1_751_715_061_123_456_789L, -1, Long.MAX_VALUE, Long.MIN_VALUE})
  void a_time_comes_back_to_the_nanosecond(long time) {
    header.write(SENDER, 1);
    String text = written(SENDER, time);
    assertEquals("[" + time + ",\"127.0.0.1:4711\",", text);
    assertEquals(text.length(), length(text + "{}]"));
    assertEquals(time, ArrivalHeader.receivedAt(text.getBytes(ISO_8859_1), 0));
  }

  @Test
  void a_sender_comes_back_as_it_is_written_in_messages() throws Exception {
    InetAddress scoped =
        Inet6Address.getByAddress(null, InetAddress.getByName("fe80::1").getAddress(), 7);
    for (SocketAddress sender :
        new SocketAddress[] {
          SENDER,
          new InetSocketAddress(InetAddress.getByName("2001:db8::7"), 65_535),
          new InetSocketAddress(scoped, 1),
          UnixDomainSocketAddress.of("/run/in.sock"),
          UnixDomainSocketAddress.of("/run/" + "a".repeat(102)),
          UnixDomainSocketAddress.of("/run/a \"quoted\"\\\n"),
          SENDER
        }) {
      byte[] line = (written(sender, 17) + "{}]").getBytes(ISO_8859_1);
      int length = ArrivalHeader.length(line, 0, line.length);
      assertEquals(line.length - 3, length);
      assertEquals(Addresses.toText(sender), ArrivalHeader.sender(line, 0, length));
    }
    assertEquals("[1,\"[2001:db8:0:0:0:0:0:7]:9\",", written(address("2001:db8::7", 9), 1));
    assertEquals(
        "[1,\"unix:/run/a %22quoted%22%5C%0A\",",
        written(UnixDomainSocketAddress.of("/run/a \"quoted\"\\\n"), 1));
  }

  private static InetSocketAddress address(String host, int port) throws Exception {
    return new InetSocketAddress(InetAddress.getByName(host), port);
  }

  @Test
  void the_header_of_every_address_is_as_short_as_the_batch_assumes() throws Exception {
    byte[] longest = new byte[16];
    Arrays.fill(longest, (byte) 0xfe);
    InetAddress address = Inet6Address.getByAddress(null, longest, Integer.MAX_VALUE);
    assertTrue(
        written(new InetSocketAddress(address, 65_535), Long.MIN_VALUE).length()
            <= ArrivalHeader.USUAL_BYTES);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        "[",
        "[1",
        "[1,",
        "[1,\"",
        "[1,\"a",
        "[1,\"a\"",
        "[1,\"a\",",
        "[1,\"a\",]",
        "[1,\"a\",{}",
        "[1,\"a\",[{}]]",
        "[1,\"a\",{}}",
        "[1,\"\",{}]",
        "[1,\"a\\b\",{}]",
        "[1,\"a\tb\",{}]",
        "[1,\"\u007f\",{}]",
        "[1,\"\u00e9\",{}]",
        "[1,a,{}]",
        "[1,\"a\"{}]",
        "[1 ,\"a\",{}]",
        "[ 1,\"a\",{}]",
        "[1, \"a\",{}]",
        "[1,\"a\" ,{}]",
        "[01,\"a\",{}]",
        "[-0,\"a\",{}]",
        "[+1,\"a\",{}]",
        "[-,\"a\",{}]",
        "[,\"a\",{}]",
        "[1e3,\"a\",{}]",
        "[1.0,\"a\",{}]",
        "[9223372036854775808,\"a\",{}]",
        "[99999999999999999999999999999999,\"a\",{}]",
        "[{}]",
        "[{},{}]",
        "[\"a\",1,{}]",
        "[]"
      })
  void what_is_not_as_it_was_written_is_no_header(String line) {
    assertEquals(-1, length(line), line);
  }

  @Test
  void a_record_has_no_header() {
    assertEquals(0, length("{\"a\":[1,\"a\",{}]}"));
    assertEquals(0, length(" [1,\"a\",{}]"));
    assertNotEquals(0, length("[1,\"a\",{}]"));
  }
}
