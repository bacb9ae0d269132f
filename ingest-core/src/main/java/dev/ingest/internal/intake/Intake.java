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
import dev.ingest.policy.RejectUnit;
import dev.ingest.source.Unwrap;
import dev.ingest.source.UnwrapException;
import dev.ingest.stats.DisconnectReason;
import dev.ingest.stats.IgnoreReason;
import dev.ingest.stats.RejectReason;
import java.lang.System.Logger.Level;
import java.net.SocketAddress;
import java.nio.ByteBuffer;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.EnumMap;
import java.util.List;
import java.util.Objects;
import java.util.OptionalLong;
import java.util.concurrent.TimeUnit;

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
  private final MessageRules rules;
  private final RateLimitedLog rejectLog =
      new RateLimitedLog(Log.of("dev.ingest.receive"), Level.WARNING);

  /** What was rejected and is not counted yet. */
  private final EnumMap<RejectReason, Integer> rejected = new EnumMap<>(RejectReason.class);

  private final EnumMap<RejectReason, Integer> recordsRejected = new EnumMap<>(RejectReason.class);

  /** What is rejected by itself of the message that is being decoded. */
  private final List<RejectedRecord> badRecords = new ArrayList<>();

  /** Where messages begin in the batch; grows to the largest number of them. */
  private int[] offsets = new int[64];

  /** A record that was rejected, and where it begins in the message. */
  private record RejectedRecord(RejectedException why, int from, int length) {}

  /**
   * Makes an intake for one receiver.
   *
   * @param disk the receiver's, writes the dead letters
   * @param rules those of the source; the step before decoding is the receiver's own
   */
  public Intake(
      Decoder decoder,
      BatchAccumulator accumulator,
      Ledger ledger,
      DeadLetters deadLetters,
      DiskThread disk,
      MessageRules rules) {
    this.decoder = decoder;
    this.accumulator = accumulator;
    this.ledger = ledger;
    this.deadLetters = deadLetters;
    this.disk = disk;
    this.flushLetters = deadLetters::flush;
    this.rules = rules;
  }

  /** Counts a connection that was accepted. */
  public void connected() {
    ledger.connected();
  }

  /** Counts a connection that was closed. */
  public void disconnected(DisconnectReason reason) {
    ledger.disconnected(reason);
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
  public void take(Messages messages) {
    long receivedAt = accumulator.batch().keepsArrival() ? now() : 0;
    int done = 0;
    try {
      boolean together = true;
      while (done < messages.count()) {
        int decoded = together ? decodeTogether(messages, done, receivedAt) : 0;
        together = decoded > 0; // or the others are not of that kind either
        done += decoded;
        if (done < messages.count()) {
          decode(messages.message(done), messages.sender(done), receivedAt);
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

  private static long now() {
    Instant now = Instant.now();
    return TimeUnit.SECONDS.toNanos(now.getEpochSecond()) + now.getNano();
  }

  /**
   * Decodes messages, from one on, with one parser, as long as each is one good record.
   *
   * @return how many were decoded; 0 if that would not pay
   */
  private int decodeTogether(Messages messages, int first, long receivedAt) {
    int most = accumulator.roomFor(messages.maxBytes());
    if (Math.min(most, messages.count() - first) < 2) {
      return 0;
    }
    Batch batch = accumulator.batch();
    int count = 0;
    int end = 0;
    for (int i = first; i < messages.count() && count < most; i++) {
      ByteBuffer message = messages.message(i);
      if (!mayBeOneRecord(message)) {
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
      accumulator.addEach(
          messages.senders(), first, receivedAt, decoded < count ? offsets[decoded] - 1 : end);
    }
    batch.rollback();
    return decoded;
  }

  private boolean mayBeOneRecord(ByteBuffer message) {
    int length = message.remaining();
    return rules.unwrap() == null
        && length > 0
        && length <= rules.maxBytes()
        && decoder.canBeginRecord(message.get(message.position()));
  }

  private void decode(ByteBuffer message, SocketAddress sender, long receivedAt) {
    if (accumulator.roomFor(0) <= 0) {
      flushRejected(); // what comes now may have to wait
    }
    Batch batch = accumulator.room();
    ByteBuffer content = message;
    int start = content.position();
    int length = content.remaining();
    int offset = batch.append(content);
    try {
      if (length > rules.maxBytes()) {
        throw tooLong();
      }
      if (rules.unwrap() != null) {
        content = unwrapped(rules.unwrap(), message.position(start));
        start = content.position();
        length = content.remaining();
        batch.rollback();
        offset = batch.append(content);
      }
      decode(batch, offset, length);
      if (accumulator.handOverBefore(batch)) {
        batch = accumulator.batch();
        offset = batch.append(content.position(start));
        decode(batch, offset, length);
      }
    } catch (RejectedException e) {
      batch.rollback();
      reject(e, sender, receivedAt, ByteBuffer.wrap(batch.payload(), offset, length));
      rejected.merge(e.reason(), 1, Integer::sum);
      return;
    }
    if (!badRecords.isEmpty() && rejectBadRecords(batch, offset, sender, receivedAt)) {
      return;
    }
    accumulator.add(batch, sender, receivedAt, offset + length);
  }

  private RejectedException tooLong() {
    return new RejectedException(
        RejectReason.OVERSIZED,
        "longer than the maximum of "
            + rules.maxBytes()
            + " bytes: send less at once, or raise "
            + rules.setting()
            + "()");
  }

  private static ByteBuffer unwrapped(Unwrap unwrap, ByteBuffer message) throws RejectedException {
    try {
      return Objects.requireNonNull(unwrap.unwrap(message), "it returned null");
    } catch (UnwrapException e) {
      throw new RejectedException(RejectReason.UNWRAP_FAILED, String.valueOf(e.getMessage()));
    } catch (Throwable t) { // of the host's
      throw new RejectedException(RejectReason.UNWRAP_FAILED, "it threw " + t);
    }
  }

  private void decode(Batch batch, int offset, int length) throws RejectedException {
    badRecords.clear();
    if (rules.rejectUnit() == RejectUnit.DATAGRAM) {
      decoder.decode(batch, offset, length);
    } else {
      decoder.decodeRecords(
          batch,
          offset,
          length,
          (why, at, bytes) -> badRecords.add(new RejectedRecord(why, at - offset, bytes)));
    }
  }

  /**
   * Rejects what was no good record of a message.
   *
   * @return true if the message is rejected with it, since it has no good record
   */
  private boolean rejectBadRecords(
      Batch batch, int messageOffset, SocketAddress sender, long receivedAt) {
    for (RejectedRecord bad : badRecords) {
      int at = messageOffset + bad.from();
      reject(bad.why(), sender, receivedAt, ByteBuffer.wrap(batch.payload(), at, bad.length()));
    }
    if (batch.uncommitted() == 0) {
      rejected.merge(badRecords.get(0).why().reason(), 1, Integer::sum);
      batch.rollback();
      return true;
    }
    badRecords.forEach(bad -> recordsRejected.merge(bad.why().reason(), 1, Integer::sum));
    return false;
  }

  /** Writes the dead letter of a message or a record, and logs it. */
  private void reject(
      RejectedException e, SocketAddress sender, long receivedAt, ByteBuffer payload) {
    if (deadLetters != DeadLetters.NONE && e.reason() != RejectReason.EMPTY) {
      OptionalLong arrival =
          accumulator.batch().keepsArrival() ? OptionalLong.of(receivedAt) : OptionalLong.empty();
      deadLetters.addRejected(
          new DeadLetter(
              Addresses.toText(sender), null, arrival, e.reason().name(), e.detail(), payload));
    }
    rejectLog.event(
        () ->
            "rejected a message from "
                + Addresses.toText(sender)
                + ": "
                + e.reason()
                + ": "
                + e.detail());
  }

  /** Counts what was rejected, after its letters were written. */
  private void flushRejected() {
    if (!rejected.isEmpty() || !recordsRejected.isEmpty()) {
      try {
        if (deadLetters != DeadLetters.NONE) {
          disk.make(flushLetters);
        }
      } finally {
        rejected.forEach(ledger::rejected);
        rejected.clear();
        recordsRejected.forEach(ledger::recordsRejected);
        recordsRejected.clear();
      }
    }
  }

  /** Tells whether the time for the drain is over, and more that is read would be lost. */
  public boolean isAbandoned() {
    return accumulator.isAbandoned();
  }

  /** Counts what was taken in, after it was written to the journal if there is one. */
  public void flush() {
    accumulator.flush();
  }

  /**
   * Tells whether a flush was asked for since the last call: then what the sockets hold now is to
   * be taken in, and {@link #tookInForFlush} called.
   */
  public boolean hasNewFlush() {
    return accumulator.flushes().hasNew();
  }

  /** Answers the flush as soon as what was taken in until now is handed over. */
  public void tookInForFlush() {
    accumulator.flushes().added();
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
