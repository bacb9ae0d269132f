package dev.ingest.source;

/** A way for messages to come in. A server may have several, of the same kind or of others. */
public sealed interface Source permits Udp {
  /**
   * Returns how many threads receive from this source.
   *
   * @return at least 1
   */
  int receivers();
}
