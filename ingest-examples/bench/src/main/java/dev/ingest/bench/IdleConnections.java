package dev.ingest.bench;

import dev.ingest.examples.Example;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.SocketChannel;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.Callable;
import java.util.concurrent.TimeUnit;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** Measures what connections cost over which nothing comes. */
@Command(
    name = "IdleConnections",
    description =
        "Opens connections to a server in a process of its own, sends nothing, and measures the"
            + " server's memory and processor time.",
    showDefaultValues = true)
public final class IdleConnections implements Callable<Integer> {
  private static final Pattern TARGET = Pattern.compile("listening on (\\S+)");

  @Option(
      names = "--connections",
      paramLabel = "N",
      defaultValue = "1000",
      description = "How many connections, from 1 to 1024.")
  private int connections;

  @Option(
      names = "--seconds",
      paramLabel = "S",
      defaultValue = "30",
      description = "How long to measure the processor time, without and with the connections.")
  private int seconds;

  @Option(
      names = "--source",
      paramLabel = "KIND",
      defaultValue = "tcp",
      description = "tcp or unix.")
  private SourceKind source = SourceKind.TCP;

  @Spec private @Nullable CommandSpec spec;

  private IdleConnections() {}

  /**
   * Runs the measurement.
   *
   * @param args the options, see {@code --help}
   */
  public static void main(String[] args) {
    Example.run(new IdleConnections(), args);
  }

  @Override
  public Integer call() throws Exception {
    OptionCheck.require(
        spec,
        connections >= 1 && connections <= 1_024,
        "--connections",
        connections,
        "from 1 to 1024");
    OptionCheck.require(spec, source != SourceKind.UDP, "--source", source, "tcp or unix");
    OptionCheck.require(spec, seconds >= 1 && seconds <= 3_600, "--seconds", seconds, "1 to 3600");
    System.out.println(Machine.description());
    try (TemporaryFolder folder = TemporaryFolder.create("ingest-idle")) {
      List<String> args =
          List.of(
              "sqlite:" + folder.path().resolve("idle.db"),
              RecordShape.SENSOR.toString(),
              source.name(),
              folder.path().resolve("idle.sock").toString());
      try (ChildProcess server =
          ChildProcess.start("the server", ChildProcess.java(LoadTestServer.class, args))) {
        measure(server, address(server.await(TARGET)));
      }
    }
    return 0;
  }

  private void measure(ChildProcess server, SocketAddress address) throws Exception {
    List<SocketChannel> open = new ArrayList<>();
    try {
      idle(server); // the JVM's compilers come to rest
      long before = server.residentMemory();
      print("without connections", before, idle(server));
      for (int i = 0; i < connections; i++) {
        open.add(SocketChannel.open(address));
      }
      double share = idle(server);
      long after = server.residentMemory();
      print("with " + connections + " " + source + " connections", after, share);
      System.out.printf(
          Locale.ROOT,
          "%.1f MB more, %.1f KB for each connection%n",
          (after - before) / 1_024.0,
          1.0 * (after - before) / connections);
    } finally {
      for (SocketChannel channel : open) {
        channel.close();
      }
    }
  }

  /** Waits; returns the share of a processor that the server has taken. */
  private double idle(ChildProcess server) throws InterruptedException {
    Duration before = server.processorTime();
    TimeUnit.SECONDS.sleep(seconds);
    return server.processorTime().minus(before).toNanos() / 1e9 / seconds;
  }

  private static void print(String what, long kilobytes, double share) {
    System.out.printf(
        Locale.ROOT,
        "%-32s %.1f MB resident, %.2f %% of a processor%n",
        what,
        kilobytes / 1_024.0,
        share * 100);
  }

  private static SocketAddress address(String target) throws IOException {
    String rest = target.substring(target.indexOf(':') + 1);
    return target.startsWith("unix:")
        ? UnixDomainSocketAddress.of(rest)
        : new InetSocketAddress(InetAddress.getLoopbackAddress(), Integer.parseInt(rest));
  }
}
