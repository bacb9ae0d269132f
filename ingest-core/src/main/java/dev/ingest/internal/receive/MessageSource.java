package dev.ingest.internal.receive;

import java.io.Closeable;
import java.net.SocketAddress;
import java.util.List;
import java.util.OptionalLong;
import java.util.stream.Stream;

/** A source that is open. */
public interface MessageSource extends Closeable {
  /**
   * Returns the work of each receiver, for a thread each: it takes messages in until {@link
   * #finish}, then what has arrived by then, and ends. What it throws is a failure of the server.
   */
  List<? extends Runnable> receivers();

  /** Returns the address that the source is bound to, with the real port. */
  SocketAddress localAddress();

  /** Returns how many messages the kernel dropped; empty if it does not tell. Any thread. */
  OptionalLong kernelDrops();

  /** Returns the kind and the address of the source, for messages. */
  @Override
  String toString();

  /** Has the receivers look around, although no message has come. Any thread. */
  void wakeUp();

  /** Ends the waiting for new messages. Any thread. */
  void finish();

  /** Adds up what {@link #kernelDrops} of several sockets returned; empty if one is empty. */
  static OptionalLong sum(Stream<OptionalLong> drops) {
    return drops.reduce(
        OptionalLong.of(0),
        (a, b) ->
            a.isEmpty() || b.isEmpty()
                ? OptionalLong.empty()
                : OptionalLong.of(a.getAsLong() + b.getAsLong()));
  }
}
