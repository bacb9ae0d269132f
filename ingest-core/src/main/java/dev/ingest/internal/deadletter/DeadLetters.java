package dev.ingest.internal.deadletter;

import dev.ingest.stats.DropReason;
import java.io.Closeable;
import java.util.Optional;

/** Where dead letters go. Thread-safe. */
public interface DeadLetters extends Closeable {
  /** Keeps none. */
  DeadLetters NONE =
      new DeadLetters() {
        @Override
        public Optional<DropReason> write(DeadLetter letter) {
          return Optional.of(DropReason.REFUSED);
        }

        @Override
        public void addRejected(DeadLetter letter) {}

        @Override
        public void flush() {}

        @Override
        public int unwritten() {
          return 0;
        }

        @Override
        public void close() {}
      };

  /**
   * Writes the letter of a record, whole.
   *
   * @return empty if it was written; otherwise the reason for which the record is dropped
   */
  Optional<DropReason> write(DeadLetter letter);

  /**
   * Takes the letter of a rejected message, with the beginning of the payload; {@link #flush}
   * writes it. One that is not kept is counted. Does not wait for the disk.
   */
  void addRejected(DeadLetter letter);

  /** Writes the letters of rejected messages that were taken since the last time. */
  void flush();

  /**
   * Returns how many letters of rejected messages were taken, and are neither written nor counted
   * as not kept. Any thread; does not wait.
   */
  int unwritten();
}
