package dev.ingest.bench;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.OptionalLong;

/** Reads how many datagrams the kernel has dropped at a UDP socket of any process. */
final class KernelDrops {
  private static final List<Path> SOCKETS =
      List.of(Path.of("/proc/net/udp"), Path.of("/proc/net/udp6"));
  private static final int LOCAL_ADDRESS = 1;
  private static final int DROPS = 12;

  private KernelDrops() {}

  /**
   * Returns the datagrams dropped at a port since it is bound; empty if the system does not count.
   */
  static OptionalLong at(int port) {
    String suffix = String.format(Locale.ROOT, ":%04X", port);
    OptionalLong drops = OptionalLong.empty();
    for (Path sockets : SOCKETS) {
      try {
        for (String line : Files.readAllLines(sockets)) {
          String[] columns = line.strip().split("\\s+", -1);
          if (columns.length > DROPS && columns[LOCAL_ADDRESS].endsWith(suffix)) {
            drops = OptionalLong.of(drops.orElse(0) + Long.parseLong(columns[DROPS]));
          }
        }
      } catch (IOException e) {
        // No such file: not Linux, or no IPv6.
      }
    }
    return drops;
  }
}
