package dev.ingest.internal.server;

import dev.ingest.internal.custody.Custody;
import dev.ingest.internal.deadletter.DeadLetters;
import dev.ingest.internal.ledger.Ledger;
import dev.ingest.internal.log.Log;
import java.io.Closeable;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/**
 * The files that a server has open: those of the spool and the dead letters, which may be on two
 * disks. Each are closed on a thread of their own, after what is left was written to them. A disk
 * that does not answer holds up that thread alone; should it answer later, the files are closed and
 * unlocked then. Not thread-safe.
 */
final class OpenFiles {
  private static final Logger LOGGER = Log.of("dev.ingest");

  private final Ledger ledger;
  private final Resources spool = new Resources();
  private final Resources letters = new Resources();
  private @Nullable Custody custody;
  private DeadLetters deadLetters = DeadLetters.NONE;
  private @Nullable Path deadLetterPath;

  /** Makes an account of no open files. */
  OpenFiles(Ledger ledger) {
    this.ledger = ledger;
  }

  /**
   * Takes the dead letters.
   *
   * @param path where they are; null if there are none
   */
  void deadLetters(@Nullable Path path, DeadLetters opened) {
    if (path != null) {
      deadLetterPath = path;
      deadLetters = letters.opened("the dead-letter file " + path, opened);
    }
  }

  /** Takes the spool, if there is one. */
  void spool(Custody opened) {
    opened.spoolPath().ifPresent(path -> custody = spool.opened("the spool " + path, opened));
  }

  /** Takes what may have the file open for lines of the spool that cannot be read back. */
  void unreadableLines(Closeable opened) {
    Custody left = custody;
    if (left != null) {
      spool.opened("the spool's dead letters", opened);
      spool.opened("what is left", () -> keepSalvaged(left));
    }
  }

  private static void keepSalvaged(Custody custody) {
    custody.keepSalvaged();
    int gone = custody.gone();
    if (gone > 0) {
      LOGGER.log(
          Level.ERROR,
          "somebody has removed files from the spool "
              + custody.spoolPath().orElseThrow()
              + ", and with them records that were not stored yet: "
              + gone);
    }
  }

  /**
   * Writes what is left, syncs and closes the files.
   *
   * @param deadline when to wait for that no longer, in the time of {@link System#nanoTime}
   */
  void close(long deadline) {
    StageThread spoolThread = start("ingest-close-spool", spool);
    StageThread lettersThread = start("ingest-close-letters", letters);
    if (!spoolThread.awaitEnd(deadline - System.nanoTime()) && custody != null) {
      spoolStalled(custody);
    }
    if (!lettersThread.awaitEnd(deadline - System.nanoTime())) {
      lettersStalled();
    }
  }

  private StageThread start(String name, Resources files) {
    StageThread thread =
        new StageThread(
            name,
            ledger,
            files::close,
            failure -> LOGGER.log(Level.ERROR, "closing files failed", failure));
    if (!files.isEmpty()) {
      try {
        thread.start();
      } catch (OutOfMemoryError e) {
        files.close(); // no thread can be had
      }
    }
    return thread;
  }

  private static void spoolStalled(Custody custody) {
    int inDoubt = custody.end();
    LOGGER.log(
        Level.ERROR,
        "the disk of the spool "
            + custody.spoolPath().orElseThrow()
            + " did not answer before the time for the drain was over. The next server replays what"
            + " stands there, unless the system crashes before the disk has it. Records whose write"
            + " had not returned count as lost, and may be replayed all the same: "
            + inDoubt);
  }

  private void lettersStalled() {
    int unwritten = deadLetters.unwritten();
    ledger.deadLettersNotKept(unwritten);
    LOGGER.log(
        Level.ERROR,
        "the disk of the dead-letter file "
            + deadLetterPath
            + " did not answer before the time for the drain was over. What stands there stays,"
            + " unless the system crashes before the disk has it. Letters of rejected messages whose"
            + " write had not returned count as not kept, and may be there all the same: "
            + unwritten);
  }
}
