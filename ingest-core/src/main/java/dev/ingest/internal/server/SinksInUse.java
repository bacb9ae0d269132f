package dev.ingest.internal.server;

import dev.ingest.sink.Sink;
import java.util.IdentityHashMap;

/**
 * The sink objects that servers have, each by itself: a sink has one caller, the writer of one
 * server. A sink is in use from the start of that thread until its end, be it after the close.
 *
 * <p>A lambda or a method reference that captures nothing is no object of its own: the JVM makes
 * one for all evaluations (JLS 15.27.4 leaves that open). So it does not count.
 */
final class SinksInUse {
  private static final IdentityHashMap<Sink, Object> SERVERS = new IdentityHashMap<>();

  private SinksInUse() {}

  /**
   * Takes a sink into use.
   *
   * @param server names itself
   * @throws IllegalStateException if another server has it
   */
  static synchronized void begin(Sink sink, Object server) {
    if (sink.getClass().isHidden() && sink.getClass().getDeclaredFields().length == 0) {
      return;
    }
    Object other = SERVERS.putIfAbsent(sink, server);
    if (other != null) {
      throw new IllegalStateException(
          "the sink, a "
              + sink.getClass().getName()
              + ", is in use by the ingest server at "
              + other
              + ": expected a sink for each server; give the builder a supplier of them, or close"
              + " that server before");
    }
  }

  static synchronized void end(Sink sink) {
    SERVERS.remove(sink);
  }
}
