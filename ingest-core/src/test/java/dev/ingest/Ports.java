package dev.ingest;

import java.io.IOException;
import java.net.BindException;
import java.net.DatagramSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Scanner;
import java.util.concurrent.ThreadLocalRandom;

/** Ports for the tests that have to know theirs beforehand, or want it again. */
final class Ports {
  private static final int FIRST = 10_000;
  private static final int FEWEST = 1_000;

  /** Linux chooses ports from here on unless it is set otherwise, the other systems later. */
  private static final int FIRST_CHOSEN = 32_768;

  private Ports() {}

  /**
   * Returns a port that no socket has, and that none gets by chance: it is not among those of which
   * the system chooses one for a socket that asks for none.
   */
  static int unused() throws IOException {
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

  private static int firstChosen() throws IOException {
    Path range = Path.of("/proc/sys/net/ipv4/ip_local_port_range");
    return Files.isReadable(range) ? new Scanner(Files.readString(range)).nextInt() : FIRST_CHOSEN;
  }
}
