package dev.ingest.internal.receive;

import dev.ingest.internal.batch.Batch;
import dev.ingest.internal.batch.Rows;
import dev.ingest.internal.deadletter.DeadLetterFile;
import dev.ingest.internal.decode.JsonDecoder;
import dev.ingest.internal.decode.RejectedException;
import dev.ingest.internal.ledger.Ledger;
import dev.ingest.internal.ledger.RateLimitedLog;
import dev.ingest.record.RejectReason;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * A receiver thread: reads datagrams until the socket is empty, hands over what is due, lets more
 * gather if there were any, waits for more if there were none.
 *
 * <p>Once told to {@linkplain #finish finish} it waits no more, but still reads what the kernel had
 * buffered by then: until the socket is empty or, since a flood would never let it be, until it has
 * read as many bytes as the buffer can have held. Then it closes the socket, hands over the last
 * batch and seals its side of the queue.
 */
public final class Receiver implements Runnable {
  private static final Logger LOGGER = System.getLogger("dev.ingest.receive");

  /**
   * What a datagram takes in the kernel's buffer at least besides its payload: IP and UDP headers.
   */
  private static final int HEADER_BYTES = 28;

  /**
   * After so many datagrams a batch that is due goes to the writer even if the socket is never
   * empty. A flood of good ones fills batches sooner; one of ignored or rejected ones never does.
   */
  private static final int MANY = 4_096;

  private final ReceiveSocket socket;
  private final Predicate<? super InetSocketAddress> sourceFilter;
  private final JsonDecoder decoder;
  private final Landing landing;
  private final Ledger ledger;
  private final @Nullable DeadLetterFile deadLetters;
  private final int maxDatagramSize;

  /** Where the datagrams of a burst begin in the batch. */
  private final int[] offsets;

  private final RateLimitedLog rejectLog = new RateLimitedLog(LOGGER, Level.WARNING);
  private final RateLimitedLog filterLog = new RateLimitedLog(LOGGER, Level.WARNING);
  private volatile boolean finishing;

  /** Makes a receiver that does not run yet. It owns the socket from the start of {@link #run}. */
  public Receiver(
      ReceiveSocket socket,
      Predicate<? super InetSocketAddress> sourceFilter,
      int maxDatagramSize,
      JsonDecoder decoder,
      Landing landing,
      Ledger ledger,
      @Nullable DeadLetterFile deadLetters) {
    this.socket = socket;
    this.sourceFilter = sourceFilter;
    this.maxDatagramSize = maxDatagramSize;
    this.decoder = decoder;
    this.landing = landing;
    this.ledger = ledger;
    this.deadLetters = deadLetters;
    this.offsets = new int[socket.burstSize()];
  }

  /**
   * Receives until told to finish. What it throws, the thread's uncaught exception handler gets.
   */
  @Override
  public void run() {
    try {
      while (!finishing) {
        int received = receiveMany();
        landing.flush();
        long idleMillis = landing.handOverIfDue();
        if (received == 0) {
          socket.await(idleMillis);
        } else if (received < MANY) {
          socket.gather();
        }
      }
      // The JDK reports half of what Linux reserves.
      long unread = 2L * socket.receiveBuffer();
      for (Burst burst = receive(); unread > 0 && burst.received() > 0; burst = receive()) {
        unread -= burst.bytes() + (long) HEADER_BYTES * burst.received();
      }
    } catch (IOException e) {
      throw new UncheckedIOException("cannot receive on " + socket.localAddress(), e);
    } finally {
      landing.seal();
      closeSocket();
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
  public void finish() {
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

  /** Receives a burst, and decodes it. */
  private Burst receive() throws IOException {
    Burst burst = socket.receive();
    ledger.ignored(burst.retain(this::accepts));
    int done = 0;
    try {
      boolean together = true;
      while (done < burst.count()) {
        int decoded = together ? decodeTogether(burst, done) : 0;
        together = decoded > 0; // or the others are not of that kind either
        done += decoded;
        if (done < burst.count()) {
          int next = done++;
          decode(burst.datagram(next), burst.source(next));
        }
      }
    } finally {
      // If the server itself fails, which closes it: what it had in hand is accounted for.
      ledger.rejected(RejectReason.SERVER_FAILED, burst.count() - done);
    }
    return burst;
  }

  /**
   * Decodes datagrams of a burst, from one on, at once; gives the number of those that it could.
   */
  private int decodeTogether(Burst burst, int first) {
    int count = Math.min(burst.plainFrom(first), landing.roomFor(burst.bytes()));
    if (count < 2) {
      return 0;
    }
    Batch batch = landing.batch();
    int end = 0;
    for (int i = 0; i < count; i++) {
      ByteBuffer datagram = burst.datagram(first + i);
      int length = datagram.remaining();
      offsets[i] = batch.append(datagram);
      end = offsets[i] + length;
    }
    int decoded = decoder.decodeEach(batch, offsets, count, end);
    if (decoded > 0) {
      batch.commitEach(burst.sources(), first, decoded < count ? offsets[decoded] - 1 : end);
      landing.landedEach(decoded);
    }
    batch.rollback();
    return decoded;
  }

  private void decode(ByteBuffer datagram, InetSocketAddress source) {
    Batch batch = landing.room();
    int length = datagram.remaining();
    int offset = batch.append(datagram);
    try {
      if (length > maxDatagramSize) {
        throw new RejectedException(
            RejectReason.OVERSIZED,
            "longer than the maximum of "
                + maxDatagramSize
                + " bytes: send less at once, or raise maxDatagramSize()");
      }
      int records = decoder.decode(batch, offset, length);
      batch.commit(source, offset + length);
      landing.landed(batch, records);
    } catch (RejectedException e) {
      reject(e, source, batch, offset, length);
    } catch (Throwable t) {
      batch.rollback();
      ledger.rejected(RejectReason.SERVER_FAILED, 1);
      throw t;
    }
  }

  private void reject(
      RejectedException e, InetSocketAddress source, Batch batch, int offset, int length) {
    batch.rollback();
    ledger.rejected(e.reason(), 1);
    if (deadLetters != null) {
      deadLetters.write(
          e.reason().name(), e.detail(), Rows.text(source), batch.payload(), offset, length);
    }
    rejectLog.event(
        1,
        () ->
            "rejected a datagram from "
                + Rows.text(source)
                + ": "
                + e.reason()
                + ": "
                + e.detail());
  }

  private boolean accepts(InetSocketAddress source) {
    try {
      return sourceFilter.test(source);
    } catch (Throwable t) {
      filterLog.event(
          1, () -> "the source filter threw for " + Rows.text(source) + ", which is ignored: " + t);
      return false;
    }
  }
}
