package dev.ingest.internal.receive.udp;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalLong;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/**
 * Reads the kernel's counter of datagrams dropped at one UDP socket: on Linux the last column of
 * /proc/net/udp and /proc/net/udp6 (net/ipv4/udp.c, udp4_format_sock). The socket is known by its
 * inode, found once by address and port and, where several sockets share these, among this
 * process's own that are not known yet.
 *
 * <p>Reading the table takes the longer, the more UDP sockets the system has: it is read at most
 * once a second, by one of the threads that ask, while the others get the count read last.
 */
final class KernelDrops {
  private static final Path PROC = Path.of("/proc/self/net");

  /** How often to look for a new socket, which the table may lack for a moment. */
  private static final int LOOKS = 5;

  private static final int LOCAL_ADDRESS = 1;
  private static final int INODE = 9;
  private static final int DROPS = 12;

  private static final long FRESH_NANOS = TimeUnit.SECONDS.toNanos(1);

  private final @Nullable Path table;
  private final String inode;

  /** Held while the table is read. */
  private final ReentrantLock reading = new ReentrantLock();

  // Written under the lock, read without it.
  private volatile OptionalLong last;
  private volatile long lastRead = System.nanoTime() - FRESH_NANOS;
  private volatile boolean closed;

  private KernelDrops(@Nullable Path table, String inode) {
    this.table = table;
    this.inode = inode;
    this.last = table == null ? OptionalLong.empty() : OptionalLong.of(0); // a new socket's
  }

  /**
   * Finds the counter of the socket that was bound last.
   *
   * @param others the counters of the sockets that were bound to the address before
   */
  static KernelDrops of(InetSocketAddress local, List<KernelDrops> others) {
    byte[] address = local.getAddress().getAddress();
    Path table = PROC.resolve(address.length == 4 ? "udp" : "udp6");
    String key = key(address, local.getPort());
    try {
      List<String> inodes = List.of();
      for (int look = 0; inodes.isEmpty() && look < LOOKS; look++) {
        inodes = inodes(table, key);
      }
      if (inodes.size() > 1) {
        inodes.retainAll(ProcSockets.descriptors().keySet());
        for (KernelDrops other : others) {
          inodes.remove(other.inode);
        }
      }
      return inodes.size() == 1 ? new KernelDrops(table, inodes.get(0)) : new KernelDrops(null, "");
    } catch (IOException e) {
      return new KernelDrops(null, ""); // not Linux, or /proc is hidden: the count is unknown
    }
  }

  private static List<String> inodes(Path table, String key) throws IOException {
    List<String> inodes = new ArrayList<>();
    for (String[] columns : rows(table)) {
      if (columns[LOCAL_ADDRESS].equals(key)) {
        inodes.add(columns[INODE]);
      }
    }
    return inodes;
  }

  /** Returns the inode of the socket; empty if it is not known. */
  String inode() {
    return inode;
  }

  /**
   * Returns the drops since the socket was opened, as they were at most a second ago; empty if they
   * cannot be known. Any thread.
   */
  OptionalLong recent() {
    if (System.nanoTime() - lastRead >= FRESH_NANOS && !closed && reading.tryLock()) {
      try {
        read();
      } finally {
        reading.unlock();
      }
    }
    return last;
  }

  /** Reads the counter for the last time, before the socket is closed. */
  void close() {
    reading.lock();
    try {
      read();
      closed = true;
    } finally {
      reading.unlock();
    }
  }

  /**
   * The table may lack a socket for a moment, if others are opened or closed while it is read in
   * several pieces, or may not be readable, for want of descriptors: then the count read last
   * stays.
   */
  private void read() {
    if (table != null && !closed) {
      try {
        for (String[] columns : rows(table)) {
          if (columns[INODE].equals(inode)) {
            last = OptionalLong.of(Long.parseLong(columns[DROPS]));
          }
        }
      } catch (IOException | NumberFormatException e) {
        // the count read last stays
      }
      lastRead = System.nanoTime();
    }
  }

  private static List<String[]> rows(Path table) throws IOException {
    List<String[]> rows = new ArrayList<>();
    for (String line : Files.readAllLines(table, StandardCharsets.US_ASCII)) {
      String[] columns = line.trim().split("\\s+", -1);
      if (columns.length > DROPS) {
        rows.add(columns);
      }
    }
    return rows;
  }

  /**
   * The kernel prints an address as 32-bit words in the machine's byte order, and a port in
   * hexadecimal.
   */
  private static String key(byte[] address, int port) {
    StringBuilder key = new StringBuilder();
    ByteBuffer words = ByteBuffer.wrap(address).order(ByteOrder.nativeOrder());
    while (words.hasRemaining()) {
      key.append(String.format("%08X", words.getInt()));
    }
    return key.append(String.format(":%04X", port)).toString();
  }
}
