package dev.ingest.internal.receive.udp;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertSame;

import java.io.IOException;
import java.net.Inet6Address;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class SourceAddressesTest {
  private static final int OFFSET = 4;

  private final ByteBuffer memory =
      ByteBuffer.allocateDirect(OFFSET + SourceAddresses.ADDRESS_BYTES)
          .order(ByteOrder.nativeOrder());
  private final SourceAddresses sources = new SourceAddresses();

  /** Lays an address out as Linux does: numbers in the machine's order but for the port's. */
  private void put(InetAddress address, int port, int scope) {
    byte[] bytes = address.getAddress();
    memory.putShort(OFFSET, (short) (bytes.length == 4 ? 2 : 10));
    memory.put(OFFSET + 2, (byte) (port >> 8)).put(OFFSET + 3, (byte) port);
    if (bytes.length == 4) {
      memory.put(OFFSET + 4, bytes);
    } else {
      memory.putInt(OFFSET + 4, 0).put(OFFSET + 8, bytes).putInt(OFFSET + 24, scope);
    }
  }

  private void put(String host, int port, int scope) throws IOException {
    put(InetAddress.getByName(host), port, scope);
  }

  private InetSocketAddress read() throws IOException {
    return sources.read(memory, OFFSET);
  }

  @ParameterizedTest
  @CsvSource({
    "127.0.0.1, 1",
    "255.255.255.255, 65535",
    "10.1.2.3, 32768",
    "::1, 12345",
    "2001:db8::ff00:42:8329, 255"
  })
  void reads_an_address(String host, int port) throws IOException {
    InetAddress address = InetAddress.getByName(host);
    put(address, port, 0);
    assertEquals(new InetSocketAddress(address, port), read());
  }

  @Test
  void reads_the_interface_of_a_link_local_address() throws IOException {
    put("fe80::1", 80, 7);
    assertEquals(7, ((Inet6Address) read().getAddress()).getScopeId());
  }

  @Test
  void an_ipv4_address_in_ipv6_is_one_of_ipv4() throws IOException {
    put("::1", 80, 0);
    byte[] mapped = new byte[16];
    mapped[10] = mapped[11] = (byte) 0xff;
    mapped[12] = 10;
    mapped[15] = 1;
    memory.put(OFFSET + 8, mapped);
    assertEquals(new InetSocketAddress("10.0.0.1", 80), read());
  }

  @Test
  void a_sender_that_goes_on_is_the_same_object() throws IOException {
    put("127.0.0.1", 4711, 0);
    InetSocketAddress first = read();
    put("::1", 4711, 0);
    InetSocketAddress second = read();
    put("127.0.0.1", 4711, 0);
    assertSame(first, read());
    put("::1", 4711, 0);
    assertSame(second, read());
  }

  @Test
  void none_is_taken_for_another() throws IOException {
    for (int round = 0; round < 2; round++) {
      for (int port = 1; port < 65_536; port += 13) {
        InetAddress address =
            InetAddress.getByAddress(new byte[] {10, 0, (byte) (port >> 7), (byte) (port * 31)});
        put(address, port, 0);
        assertEquals(new InetSocketAddress(address, port), read());
      }
    }
  }
}
