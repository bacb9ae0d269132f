package dev.ingest.source;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.sun.management.ThreadMXBean;
import java.lang.management.ManagementFactory;
import java.math.BigInteger;
import java.net.Inet6Address;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.UnknownHostException;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class NetworksTest {
  private static InetSocketAddress sender(String host) throws UnknownHostException {
    return new InetSocketAddress(InetAddress.getByName(host), 12_345);
  }

  @ParameterizedTest
  @CsvSource({
    "192.0.2.0/24, 192.0.2.0, true",
    "192.0.2.0/24, 192.0.2.255, true",
    "192.0.2.0/24, 192.0.1.255, false",
    "192.0.2.0/24, 192.0.3.0, false",
    "192.0.2.7, 192.0.2.7, true",
    "192.0.2.7, 192.0.2.6, false",
    "192.0.2.7/32, 192.0.2.8, false",
    "0.0.0.0/0, 255.255.255.255, true",
    "0.0.0.0/0, ::1, false",
    "::/0, ::1, true",
    "::/0, ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff, true",
    "::/0, 127.0.0.1, false",
    "128.0.0.0/1, 200.1.1.1, true",
    "128.0.0.0/1, 127.255.255.255, false",
    "2001:db8::/32, 2001:db8:ffff::1, true",
    "2001:db8::/32, 2001:db9::, false",
    "2001:db8:0:1::/64, 2001:db8:0:1:ffff::, true",
    "2001:db8:0:1::/64, 2001:db8:0:2::, false",
    "2001:db8::10/124, 2001:db8::1f, true",
    "2001:db8::10/124, 2001:db8::20, false",
    "2001:DB8::1, 2001:db8::1, true",
    "64:ff9b::192.0.2.0/120, 64:ff9b::c000:0201, true",
    "1:2:3:4:5:6:7:8, 1:2:3:4:5:6:7:8, true",
    "1:2:3:4:5:6:1.2.3.4, 1:2:3:4:5:6:102:304, true",
    "1::8, 1:0:0:0:0:0:0:8, true",
    "1:2:3:4:5:6:7::, 1:2:3:4:5:6:7:0, true",
    "::2:3:4:5:6:7:8, 0:2:3:4:5:6:7:8, true",
    "fe80::/10, fe80::1, true"
  })
  void accepts_what_is_in_a_network(String network, String host, boolean accepted)
      throws UnknownHostException {
    assertEquals(accepted, Networks.of(network).test(sender(host)));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        " ",
        "localhost",
        "example.org/24",
        "127.1",
        "2130706433",
        "0x7f.0.0.1",
        "010.0.0.0/8",
        "10.0.0.00",
        "10.0.0.256",
        "10.0.0",
        "10.0.0.0.0",
        "10.0.0.-1",
        "10.0.0.",
        "10.0.0.0/",
        "10.0.0.0/33",
        "10.0.0.0/-1",
        "10.0.0.0/08",
        "10.0.0.0/+8",
        "10.0.0.0/8/8",
        "10.0.0.0/99999999999",
        "10.0.0.0/255.0.0.0",
        " 10.0.0.0/8",
        "10.0.0.0/8 ",
        "10.0.0.0/8,11.0.0.0/8",
        "\u0661\u0660.0.0.0/8",
        "::/129",
        ":",
        ":::",
        "::1::",
        "1::2::3",
        "1:2:3:4:5:6:7",
        "1:2:3:4:5:6:7:8:9",
        "1:2:3:4:5:6:7:8::",
        "1:2:3:4::5:6:7:8",
        "1:2:3:4:5:6:7:1.2.3.4",
        ":1:2:3:4:5:6:7:8",
        "1:2:3:4:5:6:7:8:",
        "12345::",
        "g::",
        "fe80::1%eth0",
        "fe80::1%1",
        "[::1]",
        "1.2.3.4::",
        "::1.2.3.4:5",
        "::1.2.3",
        "::1.2.3.04",
        "::ffff:192.0.2.1",
        "::ffff:0:0/96"
      })
  void refuses_what_is_no_network_and_names_it(String network) {
    IllegalArgumentException e =
        assertThrows(IllegalArgumentException.class, () -> Networks.of("10.0.0.0/8", network));
    assertTrue(
        e.getMessage().startsWith("the network is '" + network + "': ")
            && e.getMessage().contains("expected ")
            && e.getMessage().lines().count() == 1,
        e.getMessage());
  }

  @ParameterizedTest
  @CsvSource({
    "192.0.2.77/24, 192.0.2.0/24",
    "10.1.0.0/8, 10.0.0.0/8",
    "10.0.0.1/0, 0.0.0.0/0",
    "10.0.0.1/31, 10.0.0.0/31",
    "2001:db8::1/32, 2001:db8:0:0:0:0:0:0/32"
  })
  void names_the_network_that_was_meant_if_bits_are_set_behind_the_prefix(
      String network, String meant) {
    IllegalArgumentException e =
        assertThrows(IllegalArgumentException.class, () -> Networks.of(network));
    assertTrue(e.getMessage().contains("expected " + meant + " for the network"), e.getMessage());
    Networks.of(meant);
  }

  @Test
  void refuses_no_network_at_all() {
    assertThrows(IllegalArgumentException.class, Networks::of);
  }

  @Test
  void an_ipv4_address_in_ipv6_is_in_the_networks_of_ipv4() throws UnknownHostException {
    byte[] mapped = new byte[16];
    mapped[10] = mapped[11] = (byte) 0xff;
    mapped[12] = 10;
    // With an interface, or the JDK makes it an address of IPv4.
    InetSocketAddress sender = new InetSocketAddress(Inet6Address.getByAddress(null, mapped, 1), 1);
    assertTrue(sender.getAddress() instanceof Inet6Address);
    assertTrue(Networks.of("10.0.0.0/8").test(sender));
    assertFalse(Networks.of("11.0.0.0/8").test(sender));
    assertFalse(Networks.of("::/0").test(sender));
  }

  @Test
  void an_unresolved_sender_is_in_no_network() {
    Networks all = Networks.of("0.0.0.0/0", "::/0");
    assertFalse(all.test(InetSocketAddress.createUnresolved("127.0.0.1", 1)));
  }

  @ParameterizedTest
  @ValueSource(ints = {4, 16})
  void many_networks_that_lie_in_each_other_accept_what_one_of_them_does(int bytes)
      throws UnknownHostException {
    Random random = new Random(7);
    List<String> networks = new ArrayList<>();
    List<BigInteger> bases = new ArrayList<>();
    List<BigInteger> lasts = new ArrayList<>();
    for (int i = 0; i < 100; i++) {
      int free = random.nextInt(8 * bytes - 4);
      BigInteger base = new BigInteger(8 * bytes, random).shiftRight(free).shiftLeft(free);
      bases.add(base);
      lasts.add(base.add(BigInteger.ONE.shiftLeft(free)).subtract(BigInteger.ONE));
      networks.add(inet(base, bytes).getHostAddress() + "/" + (8 * bytes - free));
    }
    Networks all = Networks.of(networks.toArray(String[]::new));
    int accepted = 0;
    for (int i = 0; i < 20_000; i++) {
      BigInteger edge = (random.nextBoolean() ? bases : lasts).get(random.nextInt(100));
      BigInteger address =
          random.nextInt(3) == 0
              ? new BigInteger(8 * bytes, random)
              : edge.add(BigInteger.valueOf(random.nextInt(3) - 1))
                  .mod(BigInteger.ONE.shiftLeft(8 * bytes));
      boolean expected = false;
      for (int n = 0; n < 100; n++) {
        expected |= bases.get(n).compareTo(address) <= 0 && address.compareTo(lasts.get(n)) <= 0;
      }
      accepted += expected ? 1 : 0;
      InetAddress inet = inet(address, bytes);
      assertEquals(expected, all.test(new InetSocketAddress(inet, 1)), inet::toString);
    }
    assertTrue(accepted > 2_000 && accepted < 18_000, "the test tests little: " + accepted);
  }

  private static InetAddress inet(BigInteger address, int bytes) throws UnknownHostException {
    byte[] all = address.toByteArray();
    byte[] result = new byte[bytes];
    for (int i = 0; i < bytes && i < all.length; i++) {
      result[bytes - 1 - i] = all[all.length - 1 - i];
    }
    return InetAddress.getByAddress(result);
  }

  @Test
  void a_test_allocates_nothing_for_ipv4_and_for_ipv6_senders_that_go_on()
      throws UnknownHostException {
    Networks networks = Networks.of("192.0.2.0/24", "2001:db8::/32", "10.0.0.0/8", "fe80::/10");
    InetSocketAddress[] senders = new InetSocketAddress[5_000];
    for (int i = 0; i < senders.length; i++) {
      senders[i] = sender("10.0." + i / 256 + "." + i % 256);
    }
    senders[0] = sender("2001:db8::1");
    senders[1] = sender("2001:db9::1");
    assertEquals(4_999, accepted(networks, senders));
    ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
    long before = threads.getCurrentThreadAllocatedBytes();
    int accepted = 0;
    for (int round = 0; round < 20; round++) {
      accepted += accepted(networks, senders);
    }
    long allocated = threads.getCurrentThreadAllocatedBytes() - before;
    assertEquals(99_980, accepted);
    assertTrue(allocated < 10_000, () -> allocated + " bytes for 100,000 tests");
  }

  private static int accepted(Networks networks, InetSocketAddress[] senders) {
    int accepted = 0;
    for (InetSocketAddress sender : senders) {
      accepted += networks.test(sender) ? 1 : 0;
    }
    return accepted;
  }

  @Test
  void shows_the_networks() {
    assertEquals("10.0.0.0/8, ::1", Networks.of("10.0.0.0/8", "::1").toString());
  }
}
