package dev.ingest.internal.receive.udp;

import dev.ingest.internal.intake.Intake;
import dev.ingest.internal.log.Log;
import dev.ingest.internal.receive.Admission;
import dev.ingest.stats.IgnoreReason;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.time.Duration;
import java.util.EnumMap;

/**
 * A receiver thread: reads datagrams until the socket is empty, hands over what is due, lets more
 * gather if there were any, waits for more if there were none.
 *
 * <p>For a flush it reads what the kernel has buffered: until the socket is empty or, since a flood
 * would never let it be, until it has read as many bytes as the buffer can have held. After {@link
 * #finish} it waits no more, but reads that, too. Then it hands over the last batch, and closes the
 * socket.
 */
final class UdpReceiver implements Runnable {
  private static final Logger LOGGER = Log.of("dev.ingest.receive");

  /**
   * What a datagram takes in the kernel's buffer at least besides its payload: IP and UDP headers.
   */
  private static final int HEADER_BYTES = 28;

  /**
   * After so many datagrams a batch that is due goes to the writer even if the socket is never
   * empty. A flood of good ones fills batches sooner; one of ignored or rejected ones never does.
   */
  private static final int MANY = 4_096;

  private final UdpSocket socket;
  private final long lingerNanos;
  private final Intake intake;
  private final Admission admission;
  private final EnumMap<IgnoreReason, Integer> ignored = new EnumMap<>(IgnoreReason.class);
  private volatile boolean finishing;

  /** Makes a receiver that does not run yet. It owns the socket from the start of {@link #run}. */
  UdpReceiver(UdpSocket socket, Duration linger, Admission admission, Intake intake) {
    this.socket = socket;
    this.lingerNanos = linger.toNanos();
    this.admission = admission;
    this.intake = intake;
  }

  /**
   * Receives until {@link #finish}. What it throws, the thread's uncaught exception handler gets.
   */
  @Override
  public void run() {
    try {
      while (!finishing) {
        look();
      }
      receiveBuffered();
    } catch (IOException e) {
      throw new UncheckedIOException("cannot receive on " + socket.localAddress(), e);
    } finally {
      try {
        intake.finish();
      } finally {
        closeSocket();
      }
    }
  }

  /**
   * Looks into the socket once, and then waits. A method of its own, which the JVM compiles after
   * some seconds of a trickle; a loop it would interpret for minutes.
   */
  private void look() throws IOException {
    int received = intake.hasNewFlush() ? receiveForFlush() : receiveMany();
    intake.flush();
    long idleMillis = intake.handOverIfDue();
    if (received == 0) {
      socket.await(idleMillis);
    } else if (received < MANY) {
      socket.gather(lingerNanos);
    }
  }

  private void closeSocket() {
    try {
      socket.close();
    } catch (IOException e) {
      LOGGER.log(Level.ERROR, "closing the socket failed", e);
    }
  }

  /** Ends the waiting for new datagrams. Any thread. */
  void finish() {
    finishing = true;
    socket.wakeUp();
  }

  /**
   * Receives until the socket is empty, or has given so much that it is time to look around.
   *
   * @return how many datagrams; at least {@link #MANY} if the socket may have more
   */
  private int receiveMany() throws IOException {
    int received = 0;
    boolean more = true;
    while (more && received < MANY && !finishing) {
      Burst burst = receive();
      received += burst.received();
      more = burst.isFull();
    }
    return received;
  }

  /** Receives what a flush is for; returns that there may be more. */
  private int receiveForFlush() throws IOException {
    receiveBuffered();
    intake.tookInForFlush();
    return MANY;
  }

  /** Receives what the kernel has buffered. For a flush, at most until the drain does that. */
  private void receiveBuffered() throws IOException {
    boolean draining = finishing;
    long unread = 2L * socket.receiveBuffer(); // the JDK reports half of what Linux reserves
    Burst burst;
    do {
      burst = receive();
      unread -= burst.maxBytes() + (long) HEADER_BYTES * burst.received();
    } while (unread > 0 && burst.received() > 0 && finishing == draining);
  }

  /** Receives a burst, and takes in what is accepted. */
  private Burst receive() throws IOException {
    Burst burst = socket.receive();
    try {
      burst.retain(admission, ignored);
    } catch (Throwable t) {
      intake.failed(burst.received());
      throw t;
    }
    if (!ignored.isEmpty()) {
      ignored.forEach(intake::ignored);
      ignored.clear();
    }
    intake.take(burst);
    return burst;
  }
}
