package dev.ingest.examples;

import dev.ingest.cleanup.CleanupRegistry;
import dev.ingest.source.DatagramSigner;
import dev.ingest.source.Keys;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.DatagramChannel;
import java.nio.file.Path;
import java.util.Objects;
import java.util.concurrent.Callable;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.LockSupport;
import java.util.function.UnaryOperator;
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

  @Option(
      names = "--key-file",
      paramLabel = "FILE",
      description = "Signs each reading with a key of this file, as the server's --key-file wants.")
  private @Nullable Path keyFile;

  @Option(
      names = "--key-id",
      paramLabel = "ID",
      description = "Which key of the file; the first one if left out.")
  private @Nullable Long keyId;

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
    UnaryOperator<byte[]> signer = signer();
    AtomicLong sent = new AtomicLong();
    CleanupRegistry.global().register(() -> System.out.printf("sent %,d readings%n", sent.get()));
    System.out.println("sending to " + server);
    send(server, sent, rate, limit, signer);
    return 0;
  }

  private UnaryOperator<byte[]> signer() throws IOException {
    if (keyFile == null) {
      if (keyId != null) {
        throw new IllegalArgumentException("--key-id needs keys: add --key-file FILE");
      }
      return payload -> payload;
    }
    Keys keys = Keys.readFile(keyFile);
    return DatagramSigner.of(keys, keyId == null ? keys.ids().get(0) : keyId)::sign;
  }

  /** Sends unsigned readings like the other method. */
  static void send(InetSocketAddress server, AtomicLong sent, double rate, long count)
      throws Exception {
    send(server, sent, rate, count, payload -> payload);
  }

  /** Sends at an even pace, until enough is sent or the thread is interrupted. */
  private static void send(
      InetSocketAddress server,
      AtomicLong sent,
      double rate,
      long count,
      UnaryOperator<byte[]> signer)
      throws Exception {
    try (DatagramChannel channel = DatagramChannel.open()) {
      long start = System.nanoTime();
      for (long i = 0; i < count && !Thread.interrupted(); i++) {
        long early = start + (long) (i / rate * 1e9) - System.nanoTime();
        if (early > 0) {
          LockSupport.parkNanos(early);
        }
        channel.send(ByteBuffer.wrap(signer.apply(SensorReading.random())), server);
        sent.incrementAndGet();
      }
    }
  }
}
