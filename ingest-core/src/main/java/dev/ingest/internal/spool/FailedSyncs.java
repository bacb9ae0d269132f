package dev.ingest.internal.spool;

import dev.ingest.internal.log.Log;
import dev.ingest.internal.log.RateLimitedLog;
import java.io.IOException;
import java.lang.System.Logger.Level;
import java.util.function.IntConsumer;

/**
 * What is done about a segment that could not be synced: its lines are written to a new file, since
 * another sync of the old one would prove nothing, see {@link DiskFile#sync}. If that fails as
 * well, those that were not on the disk before count as not journaled. Guarded by the spool's lock.
 */
final class FailedSyncs {
  private final IntConsumer notJournaled;
  private final RateLimitedLog log = new RateLimitedLog(Log.of("dev.ingest.spool"), Level.ERROR);

  FailedSyncs(IntConsumer notJournaled) {
    this.notJournaled = notJournaled;
  }

  /** Deals with a segment to which nothing is appended any more. */
  void handle(Segment segment, IOException failure) {
    String what = "cannot sync " + segment.file() + " to disk: " + failure.getMessage();
    try {
      segment.rewrite();
      log.event(
          () -> what + "; its lines stand in a new file now, which is synced. Look after the disk");
    } catch (IOException again) {
      int atRisk = segment.unsettledAndUnsynced();
      log.event(
          () ->
              what
                  + ", nor write its lines to a new file: "
                  + again.getMessage()
                  + "; a power loss may take records that are not stored yet: "
                  + atRisk);
      notJournaled.accept(atRisk);
    }
    segment.endSyncing();
  }
}
