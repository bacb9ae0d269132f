package dev.ingest.examples;

import dev.ingest.cleanup.CleanupRegistry;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.DatagramChannel;
import java.util.Objects;
import java.util.concurrent.Callable;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/**
 * Sends made-up readings, until it is stopped or has sent enough. {@code --help} shows the options.
 */
@Command(
    name = "SensorClient",
    description =
        "Sends sensor readings over UDP, until it is stopped by Ctrl-C or has sent enough.",
    showDefaultValues = true)
public final class SensorClient implements Callable<Integer> {
  @Option(
      names = "--to",
      paramLabel = "HOST:PORT",
      defaultValue = "127.0.0.1:12345",
      converter = HostAndPort.Converter.class,
      description = "The server.")
  private HostAndPort to = new HostAndPort("127.0.0.1", 12_345);

  @Option(
      names = "--rate",
      paramLabel = "N",
      defaultValue = "100",
      description = "Readings per second.")
  private double rate;

  @Option(
      names = "--count",
      paramLabel = "N",
      description = "How many readings to send; without it, until stopped.")
  private @Nullable Long count;

  @Spec private @Nullable CommandSpec spec;

  private SensorClient() {}

  /**
   * Runs the client.
   *
   * @param args the options, see {@code --help}
   */
  public static void main(String[] args) {
    Example.run(new SensorClient(), args);
  }

  @Override
  public Integer call() throws Exception {
    long limit = count == null ? Long.MAX_VALUE : count;
    if (!(rate > 0) || limit < 1) {
      throw new ParameterException(
          Objects.requireNonNull(spec).commandLine(),
          "--rate is " + rate + ", --count is " + limit + ": expected both to be more than 0");
    }
    InetSocketAddress server = new InetSocketAddress(to.host(), to.port());
    if (server.isUnresolved()) {
      throw new IllegalArgumentException("the host " + to.host() + " is unknown");
    }
    AtomicLong sent = new AtomicLong();
    CleanupRegistry.global().register(() -> System.out.printf("sent %,d readings%n", sent.get()));
    System.out.println("sending to " + server);
    send(server, sent, rate, limit);
    return 0;
  }

  /** Sends at an even pace, until enough is sent or the thread is interrupted. */
  static void send(InetSocketAddress server, AtomicLong sent, double rate, long count)
      throws Exception {
    try (DatagramChannel channel = DatagramChannel.open()) {
      long start = System.nanoTime();
      for (long i = 0; i < count && !Thread.interrupted(); i++) {
        long early = start + (long) (i / rate * 1e9) - System.nanoTime();
        if (early > 0) {
          LockSupport.parkNanos(early);
        }
        channel.send(ByteBuffer.wrap(SensorReading.random()), server);
        sent.incrementAndGet();
      }
    }
  }
}
