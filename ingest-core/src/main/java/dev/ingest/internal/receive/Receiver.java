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
 * The receiver thread: reads datagrams until the socket is empty, hands over what is due, waits for
 * more.
 *
 * <p>Once told to {@linkplain #finish finish} it waits no more, but still reads what the kernel had
 * buffered by then: until the socket is empty or, since a flood would never let it be, until it has
 * read as many bytes as the buffer can have held. Then it closes the socket, hands over the last
 * batch and seals the queue.
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
  private final ByteBuffer buffer;
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
    this.buffer = ByteBuffer.allocateDirect(maxDatagramSize + 1);
  }

  /**
   * Receives until told to finish. What it throws, the thread's uncaught exception handler gets.
   */
  @Override
  public void run() {
    try {
      while (!finishing) {
        boolean more = receiveMany();
        landing.flush();
        long idleMillis = landing.handOverIfDue();
        if (!more) {
          socket.await(idleMillis);
        }
      }
      // The JDK reports half of what Linux reserves.
      long unread = 2L * socket.receiveBuffer();
      while (unread > 0 && receive()) {
        unread -= buffer.limit() + HEADER_BYTES;
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

  /** Receives until the socket is empty, or has given so much that it is time to look around. */
  private boolean receiveMany() throws IOException {
    int left = MANY;
    while (left > 0 && !finishing && receive()) {
      left--;
    }
    return left == 0;
  }

  /** Receives one datagram; false if none was there. */
  private boolean receive() throws IOException {
    buffer.clear();
    InetSocketAddress source = socket.receive(buffer);
    if (source == null) {
      return false;
    }
    buffer.flip();
    if (accepts(source)) {
      decode(source);
    } else {
      ledger.ignored();
    }
    return true;
  }

  private void decode(InetSocketAddress source) {
    Batch batch = landing.room();
    int length = buffer.limit();
    int offset = batch.append(buffer);
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
      ledger.rejected(RejectReason.SERVER_FAILED);
      throw t;
    }
  }

  private void reject(
      RejectedException e, InetSocketAddress source, Batch batch, int offset, int length) {
    batch.rollback();
    ledger.rejected(e.reason());
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
