package dev.ingest.examples;

import dev.ingest.cleanup.CleanupRegistry;
import dev.ingest.source.DatagramSigner;
import dev.ingest.source.Keys;
import java.io.IOException;
import java.net.InetSocketAddress;
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
    description = "Sends sensor readings, until it is stopped by Ctrl-C or has sent enough.",
    showDefaultValues = true)
public final class SensorClient implements Callable<Integer> {
  @Option(
      names = "--to",
      paramLabel = "TARGET",
      defaultValue = "127.0.0.1:12345",
      converter = Target.Converter.class,
      description =
          "The server: HOST:PORT or udp://HOST:PORT for a reading in each datagram;"
              + " tcp://HOST:PORT, tls://HOST:PORT or unix:PATH for a reading in each line.")
  private @Nullable Target to;

  @Option(
      names = "--trust",
      paramLabel = "FILE",
      description =
          "Certificates in PEM that the server of tls: may have, or its issuer; those that the JDK"
              + " trusts if left out.")
  private @Nullable Path trust;

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
    Target target = Objects.requireNonNull(to);
    require("--key-file", keyFile, target, "udp");
    require("--trust", trust, target, "tls");
    UnaryOperator<byte[]> signer = signer();
    AtomicLong sent = new AtomicLong();
    Target.Connection connection = target.connect(trust);
    try (connection) {
      CleanupRegistry.global().register(() -> System.out.printf("sent %,d readings%n", sent.get()));
      System.out.println("sending to " + target);
      send(connection, sent, rate, limit, signer);
    } catch (IOException e) {
      throw new IOException(target + " takes no more: " + e.getMessage(), e);
    }
    return 0;
  }

  private static void require(String option, @Nullable Object value, Target target, String scheme) {
    if (value != null && !target.scheme().equals(scheme)) {
      throw new IllegalArgumentException(
          option + " needs --to " + scheme + "://HOST:PORT, and it is " + target);
    }
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

  /** Sends readings to a UDP port, like the other method. */
  static void send(InetSocketAddress server, AtomicLong sent, double rate, long count)
      throws IOException {
    try (Target.Connection connection = new Target("udp", server).connect(null)) {
      send(connection, sent, rate, count, reading -> reading);
    }
  }

  /** Sends at an even pace, until enough is sent or the thread is interrupted. */
  private static void send(
      Target.Connection server,
      AtomicLong sent,
      double rate,
      long count,
      UnaryOperator<byte[]> signer)
      throws IOException {
    long start = System.nanoTime();
    for (long i = 0; i < count && !Thread.interrupted(); i++) {
      long early = start + (long) (i / rate * 1e9) - System.nanoTime();
      if (early > 0) {
        LockSupport.parkNanos(early);
      }
      server.send(signer.apply(SensorReading.random()));
      sent.incrementAndGet();
    }
  }
}
