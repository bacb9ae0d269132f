package dev.ingest.source;

import java.util.Optional;
import java.util.function.Supplier;

/** A way for messages to come in. A server may have several, of the same kind or of others. */
public sealed interface Source permits Udp, StreamSource {
  /**
   * Returns how many threads receive from this source.
   *
   * @return at least 1
   */
  int receivers();

  /**
   * Returns what makes the {@link Unwrap} of each receiver.
   *
   * @return empty if messages are decoded as they come
   */
  Optional<Supplier<? extends Unwrap>> unwrap();
}
