package dev.ingest.internal.intake;

import dev.ingest.internal.batch.Batch;
import dev.ingest.internal.custody.DiskThread;
import dev.ingest.internal.deadletter.DeadLetter;
import dev.ingest.internal.deadletter.DeadLetters;
import dev.ingest.internal.decode.Decoder;
import dev.ingest.internal.decode.RejectedException;
import dev.ingest.internal.ledger.Ledger;
import dev.ingest.internal.log.Addresses;
import dev.ingest.internal.log.Log;
import dev.ingest.internal.log.RateLimitedLog;
import dev.ingest.stats.IgnoreReason;
import dev.ingest.stats.RejectReason;
import java.lang.System.Logger.Level;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.EnumMap;

/**
 * What a receiver does with its messages: decodes them into a batch, or rejects them, and counts
 * them. Each receiver has its own, which only its thread uses.
 */
public final class Intake {
  private final Decoder decoder;
  private final BatchAccumulator accumulator;
  private final Ledger ledger;
  private final DeadLetters deadLetters;
  private final DiskThread disk;
  private final DiskThread.Call flushLetters;
  private final RateLimitedLog rejectLog =
      new RateLimitedLog(Log.of("dev.ingest.receive"), Level.WARNING);

  /** What was rejected and is not counted yet. */
  private final EnumMap<RejectReason, Integer> rejected = new EnumMap<>(RejectReason.class);

  /** Where messages begin in the batch; grows to the largest number of them. */
  private int[] offsets = new int[64];

  /**
   * Makes an intake for one receiver.
   *
   * @param disk the receiver's, writes the dead letters
   */
  public Intake(
      Decoder decoder,
      BatchAccumulator accumulator,
      Ledger ledger,
      DeadLetters deadLetters,
      DiskThread disk) {
    this.decoder = decoder;
    this.accumulator = accumulator;
    this.ledger = ledger;
    this.deadLetters = deadLetters;
    this.disk = disk;
    this.flushLetters = deadLetters::flush;
  }

  /** Counts messages that the source does not take in. */
  public void ignored(IgnoreReason reason, int messages) {
    ledger.ignored(reason, messages);
  }

  /** Counts messages that the server itself has failed to take in, which closes it. */
  public void failed(int messages) {
    ledger.rejected(RejectReason.SERVER_FAILED, messages);
  }

  /** Takes messages in. Blocks while there is no room for them, if that is the overflow policy. */
  public void take(Messages messages, SizeLimit limit) {
    int done = 0;
    try {
      boolean together = true;
      while (done < messages.count()) {
        int decoded = together ? decodeTogether(messages, done, limit) : 0;
        together = decoded > 0; // or the others are not of that kind either
        done += decoded;
        if (done < messages.count()) {
          decode(messages.message(done), messages.sender(done), limit);
          done++;
        }
      }
    } finally {
      // If the server itself fails, which closes it: what it had in hand is accounted for. A
      // message is counted last of all, or it would be counted twice then.
      failed(messages.count() - done);
      flushRejected();
    }
  }

  /**
   * Decodes messages, from one on, with one parser, as long as each is one good record.
   *
   * @return how many were decoded; 0 if that would not pay
   */
  private int decodeTogether(Messages messages, int first, SizeLimit limit) {
    int most = accumulator.roomFor(messages.maxBytes());
    if (Math.min(most, messages.count() - first) < 2) {
      return 0;
    }
    Batch batch = accumulator.batch();
    int count = 0;
    int end = 0;
    for (int i = first; i < messages.count() && count < most; i++) {
      ByteBuffer message = messages.message(i);
      if (!mayBeOneRecord(message, limit)) {
        break;
      }
      if (count == offsets.length) {
        offsets = Arrays.copyOf(offsets, 2 * count);
      }
      int length = message.remaining();
      offsets[count] = batch.append(message);
      end = offsets[count] + length;
      count++;
    }
    int decoded = count < 2 ? 0 : decoder.decodeEach(batch, offsets, count, end);
    if (decoded > 0) {
      accumulator.addEach(messages.senders(), first, decoded < count ? offsets[decoded] - 1 : end);
    }
    batch.rollback();
    return decoded;
  }

  private boolean mayBeOneRecord(ByteBuffer message, SizeLimit limit) {
    int length = message.remaining();
    return length > 0
        && length <= limit.bytes()
        && decoder.canBeginRecord(message.get(message.position()));
  }

  private void decode(ByteBuffer message, InetSocketAddress sender, SizeLimit limit) {
    if (accumulator.roomFor(0) <= 0) {
      flushRejected(); // what comes now may have to wait
    }
    Batch batch = accumulator.room();
    int start = message.position();
    int length = message.remaining();
    int offset = batch.append(message);
    try {
      if (length > limit.bytes()) {
        throw new RejectedException(
            RejectReason.OVERSIZED,
            "longer than the maximum of "
                + limit.bytes()
                + " bytes: send less at once, or raise "
                + limit.setting()
                + "()");
      }
      decoder.decode(batch, offset, length);
      if (accumulator.handOverBefore(batch)) {
        batch = accumulator.batch();
        offset = batch.append(message.position(start));
        decoder.decode(batch, offset, length);
      }
    } catch (RejectedException e) {
      batch.rollback();
      reject(e, sender, batch.payload(), offset, length);
      return;
    }
    accumulator.add(batch, sender, offset + length);
  }

  private void reject(
      RejectedException e, InetSocketAddress sender, byte[] bytes, int offset, int length) {
    if (deadLetters != DeadLetters.NONE && e.reason() != RejectReason.EMPTY) {
      String source = Addresses.toText(sender);
      ByteBuffer payload = ByteBuffer.wrap(bytes, offset, length);
      deadLetters.addRejected(new DeadLetter(source, e.reason().name(), e.detail(), payload));
    }
    rejectLog.event(
        () ->
            "rejected a message from "
                + Addresses.toText(sender)
                + ": "
                + e.reason()
                + ": "
                + e.detail());
    rejected.merge(e.reason(), 1, Integer::sum);
  }

  /** Counts what was rejected, after its letters were written. */
  private void flushRejected() {
    if (!rejected.isEmpty()) {
      try {
        if (deadLetters != DeadLetters.NONE) {
          disk.make(flushLetters);
        }
      } finally {
        rejected.forEach(ledger::rejected);
        rejected.clear();
      }
    }
  }

  /** Counts what was taken in, after it was written to the journal if there is one. */
  public void flush() {
    accumulator.flush();
  }

  /**
   * Hands the batch over to the writer if it is due.
   *
   * @return how many milliseconds an idle receiver may wait before it asks again; 0 for no limit
   */
  public long handOverIfDue() {
    return accumulator.handOverIfDue();
  }

  /** Hands over what there is, and tells the queue that no more comes from this receiver. */
  public void finish() {
    try {
      accumulator.finish();
    } finally {
      disk.end();
    }
  }
}
