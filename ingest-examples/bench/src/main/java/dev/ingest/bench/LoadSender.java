package dev.ingest.bench;

import dev.ingest.examples.Example;
import java.io.IOException;
import java.net.PortUnreachableException;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.locks.LockSupport;

/**
 * Sends a load where there is no C compiler, with the arguments and the output of {@code send.c}.
 * It needs a system call for each datagram, and so reaches a lower rate; lines go 64 KB at a time.
 */
final class LoadSender {
  private static final String USAGE = "Usage: LoadSender TARGET COUNT RATE SEED SHAPE stamp|plain";

  private static final int MOST_IN_A_BURST = 64;
  private static final int MOST_LINES_IN_A_BURST = 1_024;

  private final List<Datagram> datagrams;
  private final int records;
  private final boolean stamp;
  private final byte[] digits = new byte[Datagram.STAMP_DIGITS];
  private long sent;
  private long sumSensorId;
  private double sumTemperature;

  private LoadSender(List<Datagram> datagrams, int records, boolean stamp) {
    this.datagrams = datagrams;
    this.records = records;
    this.stamp = stamp;
  }

  /**
   * Sends, and prints what it sent.
   *
   * @param args the target (see {@link Output#open}), the number of records, the records a second
   *     (0: as fast as it can), the seed, the shape, and {@code stamp} or {@code plain}
   */
  public static void main(String[] args) {
    // Without picocli, to which a negative seed would be an option.
    if (args.length == 1 && args[0].equals("--help")) {
      System.out.println(USAGE);
      return;
    }
    if (args.length != 6) {
      System.err.println(USAGE);
      Example.exit(2);
      return;
    }
    RecordShape shape = RecordShape.valueOf(args[4].toUpperCase(Locale.ROOT));
    LoadSender sender =
        new LoadSender(
            datagrams(args[0], shape, Long.parseLong(args[3])),
            shape.recordsPerDatagram(),
            args[5].equals("stamp"));
    try {
      System.out.println(
          sender.send(args[0], Long.parseLong(args[1]), Double.parseDouble(args[2])));
    } catch (IOException e) {
      if (!Example.isExiting()) { // else the receiver has ended by the same Ctrl-C
        System.err.printf(
            "%s: %s, after %d datagrams%n",
            args[0],
            e instanceof PortUnreachableException ? "nobody listens" : e.getMessage(),
            sender.sent);
      }
      Example.exit(1);
    }
  }

  private static List<Datagram> datagrams(String target, RecordShape shape, long seed) {
    if (!target.startsWith(Output.LINE_PROTOCOL)) {
      return DatagramWriter.datagrams(shape, seed);
    }
    if (shape != RecordShape.SENSOR) {
      throw new IllegalArgumentException("there is no shape '" + shape + "' for " + target);
    }
    return DatagramWriter.lineProtocol(seed);
  }

  private SendReport send(String target, long count, double rate) throws IOException {
    long total = (count + records - 1) / records;
    double datagramRate = rate / records;
    // At a low rate a burst holds what is due within a millisecond, so that the load is even.
    int most = target.contains(":") ? MOST_LINES_IN_A_BURST : MOST_IN_A_BURST;
    int burst = rate > 0 ? (int) Math.min(most, 1 + datagramRate / 1_000) : most;
    try (Output output = Output.open(target)) {
      long began = ChronoUnit.MICROS.between(Instant.EPOCH, Instant.now());
      long start = System.nanoTime();
      while (sent < total) {
        if (stamp) {
          Datagram.toDigits(began + (System.nanoTime() - start) / 1_000, digits);
        }
        for (long end = Math.min(sent + burst, total); sent < end; sent++) {
          send(output, datagrams.get((int) (sent % datagrams.size())));
        }
        output.flush();
        long early = rate > 0 ? start + (long) (sent / datagramRate * 1e9) - System.nanoTime() : 0;
        if (early > 0) { // a sender that is late does not wait, and so catches up
          LockSupport.parkNanos(early);
        }
      }
      double seconds = (System.nanoTime() - start) / 1e9;
      return new SendReport(
          sent * records, sent, began / 1e6, seconds, sumSensorId, sumTemperature);
    }
  }

  private void send(Output output, Datagram datagram) throws IOException {
    if (stamp) {
      datagram.stamp(digits);
    }
    output.write(datagram.bytes().rewind());
    sumSensorId += datagram.sumSensorId();
    sumTemperature += datagram.sumTemperature();
  }
}
