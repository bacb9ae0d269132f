package dev.ingest.internal.spool;

import dev.ingest.internal.batch.Batch;
import dev.ingest.record.JournalPosition;
import java.io.IOException;
import org.jspecify.annotations.Nullable;

/**
 * The segment that is appended to now, by one receiver alone, so that the rows of the batch that it
 * fills stand on consecutive lines. Without journals, one of these takes all that is deferred.
 * Guarded by the spool's lock.
 */
final class Journal {
  private final Segments segments;
  private final long segmentBytes;
  private @Nullable Segment active;

  /**
   * Makes a journal that has no segment yet.
   *
   * @param segmentBytes a segment that is so long is full
   */
  Journal(Segments segments, long segmentBytes) {
    this.segments = segments;
    this.segmentBytes = segmentBytes;
  }

  /** Returns the segment to append to, a new one if there is none. */
  Segment segment() throws IOException {
    Segment segment = active;
    if (segment == null) {
      segment = segments.create();
      active = segment;
    }
    return segment;
  }

  boolean isActive(Segment segment) {
    return active == segment;
  }

  boolean isFull() {
    return active != null && active.bytes() >= segmentBytes;
  }

  /** Tells whether the next line follows the rows of a batch that are on disk already. */
  boolean continues(Batch batch) {
    JournalPosition last = batch.position(batch.onDisk() - 1).orElseThrow();
    Segment segment = active;
    return segment != null
        && segment.name().equals(last.segment())
        && segment.lines() == last.line() + 1;
  }

  /** Lets go of the segment; returns it, or null if there is none. */
  @Nullable Segment release() {
    Segment segment = active;
    active = null;
    return segment;
  }
}
