package dev.ingest.testing;

import java.io.IOException;
import java.net.BindException;
import java.net.DatagramSocket;
import java.net.Inet6Address;
import java.net.NetworkInterface;
import java.net.SocketException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Scanner;
import java.util.concurrent.ThreadLocalRandom;

/** What tests ask of this machine's network. */
public final class Network {
  private static final int FIRST = 10_000;
  private static final int FEWEST = 1_000;

  /** Linux chooses ports from here on unless it is set otherwise, the other systems later. */
  private static final int FIRST_CHOSEN = 32_768;

  private Network() {}

  /**
   * Returns a port for a test that has to know its port beforehand, or wants it again. No socket
   * has it, and none gets it by chance: it is not among those of which the system chooses one for a
   * socket that asks for none.
   */
  public static int unusedPort() throws IOException {
    int end = Math.max(FIRST + FEWEST, firstChosen());
    while (true) {
      int port = ThreadLocalRandom.current().nextInt(FIRST, end);
      try (DatagramSocket socket = new DatagramSocket(port)) {
        return socket.getLocalPort();
      } catch (BindException e) {
        // It is taken: another one.
      }
    }
  }

  /** Returns whether the loopback interface speaks IPv6. */
  public static boolean hasIpv6() throws SocketException {
    return NetworkInterface.networkInterfaces()
        .flatMap(NetworkInterface::inetAddresses)
        .anyMatch(address -> address instanceof Inet6Address && address.isLoopbackAddress());
  }

  private static int firstChosen() throws IOException {
    Path range = Path.of("/proc/sys/net/ipv4/ip_local_port_range");
    return Files.isReadable(range) ? new Scanner(Files.readString(range)).nextInt() : FIRST_CHOSEN;
  }
}
