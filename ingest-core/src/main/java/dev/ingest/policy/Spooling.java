package dev.ingest.policy;

import java.nio.file.Path;
import java.util.Objects;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * What a server keeps on disk: a directory for records that would be lost otherwise, and if it is
 * set a journal of all records.
 *
 * <pre>{@code
 * builder.spool(Spooling.in(Path.of("spool")).journal(JournalSync.EVERY_SECOND));
 * }</pre>
 *
 * <p>The spool takes records for which the queue has no room, whose write attempts are used up, or
 * which the drain could not store in time. They are replayed when the sink has caught up, or by the
 * next server that has this directory, the oldest first; fresh records are not held up. Its files
 * are newline-delimited JSON, the records as they came with a checksum as white space behind each,
 * and are removed when all in them is stored.
 *
 * <p>Immutable: each setter returns a copy with one value changed.
 */
public final class Spooling {
  /** The limit unless set, in bytes: {@value}. */
  public static final long DEFAULT_LIMIT = 4L << 30;

  private static final long MIN_LIMIT = 1 << 20;

  private final Path directory;
  private final long limit;
  private final @Nullable JournalSync journal;

  private Spooling(Path directory, long limit, @Nullable JournalSync journal) {
    this.directory = directory;
    this.limit = limit;
    this.journal = journal;
  }

  /**
   * Spools into a directory. The server makes it if it is missing, with the mode 0700 and its files
   * with 0600 whatever the umask, and locks it for itself. One that exists must be owned by the
   * server's user and writable by nobody else, or the start fails; so it does if there is anything
   * but a regular file, such as a link, where the server's files are. Systems without POSIX
   * permissions have no modes and no such check.
   *
   * @param directory the directory, for one server alone
   * @return spooling with the default limit and without a journal
   */
  public static Spooling in(Path directory) {
    return new Spooling(Objects.requireNonNull(directory, "directory"), DEFAULT_LIMIT, null);
  }

  /**
   * Limits how much the spool may hold. When the limit is reached, or the disk is full, that is
   * logged as an error, and records take the way that they would take without a spool until there
   * is room again.
   *
   * @param bytes from 1048576; {@value #DEFAULT_LIMIT} unless set
   * @return a copy with this limit
   * @throws IllegalArgumentException if it is below the range
   */
  public Spooling limit(long bytes) {
    if (bytes < MIN_LIMIT) {
      throw new IllegalArgumentException(
          "the spool's limit is " + bytes + ": expected at least " + MIN_LIMIT + " bytes");
    }
    return new Spooling(directory, bytes, journal);
  }

  /**
   * Writes every record to the spool before it is counted as decoded and queued, so that it
   * survives SIGKILL and a crash of the JVM: the next server that has this spool replays what was
   * not stored. A record that was being stored at that moment is then stored twice, unless the sink
   * remembers what it has stored, see {@link dev.ingest.sink.Sink} S10; {@code ingest-sqlite} and
   * {@code ingest-jdbc} do, and {@code ingest-kafka} with a transactional id.
   *
   * <p>While the journal cannot be written, records are queued without it, which is logged as an
   * error and counted in {@link dev.ingest.stats.IngestStats#notJournaled()}. What cannot be synced
   * to disk is written to a new file; if that fails as well, it counts there, too.
   *
   * @param sync how often the journal is synced to disk, against a crash of the system; no journal
   *     unless set
   * @return a copy with a journal
   */
  public Spooling journal(JournalSync sync) {
    return new Spooling(directory, limit, Objects.requireNonNull(sync, "sync"));
  }

  /**
   * Returns where the spool is.
   *
   * @return the directory
   */
  public Path directory() {
    return directory;
  }

  /**
   * Returns how much the spool may hold.
   *
   * @return bytes
   */
  public long limit() {
    return limit;
  }

  /**
   * Returns how often the journal is synced.
   *
   * @return empty if there is no journal
   */
  public Optional<JournalSync> journal() {
    return Optional.ofNullable(journal);
  }

  @Override
  public String toString() {
    return "Spooling["
        + directory
        + ", limit="
        + limit
        + ", journal="
        + (journal == null ? "none" : journal)
        + ']';
  }
}
