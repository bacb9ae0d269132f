package dev.ingest;

import dev.ingest.cleanup.CleanupRegistry;
import dev.ingest.testing.Network;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.net.InetSocketAddress;

/** Starts a server where that cannot succeed, prints what it throws, and looks for what is left. */
final class FailingStartProgram {
  private FailingStartProgram() {}

  public static void main(String[] args) throws Exception {
    InetAddress loopback = InetAddress.getLoopbackAddress();
    int port = Network.unusedPort();
    MemorySink sink = new MemorySink();
    IngestServerBuilder builder =
        TestServers.builder(sink).cleanupRegistry(CleanupRegistry.global());
    if (Boolean.getBoolean("java.net.preferIPv4Stack")) {
      builder.bind("::1", port);
    } else {
      builder.bind(port);
    }
    try {
      builder.build().start();
      System.out.println("it started");
    } catch (Throwable t) {
      System.out.println(t.getClass().getName());
    }
    new DatagramSocket(new InetSocketAddress(loopback, port)).close(); // throws if it is taken
    if (CleanupRegistry.global().size() != 0 || sink.closed() != 1) {
      throw new IllegalStateException("a registration or an open sink is left");
    }
    for (Thread thread : Thread.getAllStackTraces().keySet()) {
      String name = thread.getName();
      if (name.startsWith("ingest-") && !name.equals("ingest-log")) { // that ends by itself
        throw new IllegalStateException(thread + " is left");
      }
    }
  }
}
