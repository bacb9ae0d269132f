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
        public void close() {}
      };

  /**
   * Writes a letter.
   *
   * @return empty if it was written; otherwise the reason for which a refused record is dropped
   */
  Optional<DropReason> write(DeadLetter letter);
}
