package dev.ingest.internal.spool;

import dev.ingest.internal.batch.Batch;
import dev.ingest.internal.log.Log;
import dev.ingest.internal.log.RateLimitedLog;
import dev.ingest.policy.JournalSync;
import dev.ingest.policy.Spooling;
import java.io.IOException;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.function.BiConsumer;
import org.jspecify.annotations.Nullable;

/**
 * Appends rows to the segments of the journals, within the spool's limit.
 *
 * <p>A write that fails is not tried again for a second, in which everything takes the way that it
 * would take without a spool; so a full disk costs nobody time. Guarded by the spool's lock.
 */
final class Appender {
  /** A segment that is so long gets no more lines. */
  static final int SEGMENT_BYTES = 16 << 20;

  /** A segment is at most this part of the limit, since only whole segments make room again. */
  private static final int LEAST_SEGMENTS = 4;

  private static final Logger LOGGER = Log.of("dev.ingest.spool");
  private static final long RETRY_NANOS = TimeUnit.SECONDS.toNanos(1);

  private final Path path;
  private final long limit;
  private final Segments segments;
  private final @Nullable SyncThread syncThread;
  private final BiConsumer<Segment, IOException> syncFailed;
  private final boolean syncsAtOnce;
  private final RecordLines format = new RecordLines();
  private final RateLimitedLog failureLog = new RateLimitedLog(LOGGER, Level.ERROR);

  /** One for each receiver, or without a journal one for all that is deferred. */
  private final List<Journal> journals = new ArrayList<>();

  private boolean failing;

  /** By the clock of {@link System#nanoTime}. */
  long failedAt;

  /**
   * Makes an appender that has no segment yet.
   *
   * @param receivers how many have a journal each, if there is to be one
   * @param syncThread syncs what is appended; null if nobody does, or the spool itself
   * @param syncFailed called when a segment could not be synced, or closed
   */
  Appender(
      Spooling spooling,
      int receivers,
      Segments segments,
      @Nullable SyncThread syncThread,
      BiConsumer<Segment, IOException> syncFailed) {
    this.path = spooling.directory();
    this.limit = spooling.limit();
    this.segments = segments;
    this.syncThread = syncThread;
    this.syncFailed = syncFailed;
    this.syncsAtOnce = spooling.journal().filter(JournalSync.ALWAYS::equals).isPresent();
    int count = spooling.journal().isPresent() ? receivers : 1;
    long segmentBytes = Math.min(SEGMENT_BYTES, limit / LEAST_SEGMENTS / count);
    for (int i = 0; i < count; i++) {
      journals.add(new Journal(segments, segmentBytes));
    }
  }

  /** Returns the journal of a receiver; the first one also takes what is deferred. */
  Journal journal(int receiver) {
    return journals.get(receiver);
  }

  /** Returns the journal that appends to a segment; null if none does. */
  @Nullable Journal journalOf(Segment segment) {
    return journals.stream().filter(one -> one.isActive(segment)).findAny().orElse(null);
  }

  /** Appends rows; returns where they stand, or null if that failed, which is logged. */
  Backlog.@Nullable Range append(Journal journal, Batch batch, int from, int to) {
    if (failing && System.nanoTime() - failedAt < RETRY_NANOS) {
      return null;
    }
    try {
      int length = RecordLines.length(batch, from, to);
      requireRoom(length);
      Segment segment = journal.segment();
      Backlog.Range place =
          Backlog.Range.of(segment, segment.lines(), to - from, segment.bytes(), length);
      segment.append(batch, from, to, format);
      segments.grown(length);
      if (syncThread != null) {
        syncThread.add(segment);
      }
      if (failing) {
        failing = false;
        LOGGER.log(Level.INFO, "the spool " + path + " can be written again");
      }
      return place;
    } catch (IOException e) {
      failed(e);
      return null;
    }
  }

  private void requireRoom(int length) throws IOException {
    if (segments.bytes() + length > limit) {
      throw new IOException(
          "it holds "
              + segments.bytes()
              + " bytes and its limit is "
              + limit
              + ": raise Spooling.limit(), or make the sink faster");
    }
  }

  private void failed(IOException e) {
    failing = true;
    failedAt = System.nanoTime();
    sealAll(); // a sealed segment is removed as soon as all in it is stored, which makes room
    failureLog.event(
        () ->
            "cannot write to the spool "
                + path
                + ": "
                + e.getMessage()
                + "; records take the way that they would take without a spool");
  }

  /** Seals the segments that are appended to; others begin when they are needed. */
  void sealAll() {
    journals.forEach(this::seal);
  }

  /** Appends no more to a segment, whose file is closed already. */
  void release(Segment segment) {
    Journal journal = journalOf(segment);
    if (journal != null) {
      journal.release();
    }
  }

  void sealIfFull(Journal journal) {
    if (journal.isFull()) {
      seal(journal);
    }
  }

  void seal(Journal journal) {
    Segment segment = journal.release();
    if (segment == null) {
      return;
    }
    segment.cutOverhang();
    boolean isAllSettled = segment.isAllSettled();
    if (segment.wasCut() || (syncThread == null && !isAllSettled)) {
      closeOut(segment);
    } else if (syncThread != null && !isAllSettled) {
      segment.seal();
      syncThread.add(segment);
    }
    if (isAllSettled) {
      segments.remove(segment);
    }
  }

  private void closeOut(Segment segment) {
    try {
      if (syncsAtOnce || segment.wasCut()) {
        segment.seal();
        segment.sync(); // what was appended, and not synced yet
      } else {
        segment.closeOut();
      }
    } catch (IOException e) {
      syncFailed.accept(segment, e);
    }
  }
}
