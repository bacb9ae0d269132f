package dev.ingest.internal.receive;

import java.io.Closeable;
import java.net.SocketAddress;
import java.util.List;
import java.util.OptionalLong;
import java.util.function.Function;

/** A source that is open. */
public interface MessageSource extends Closeable {
  /**
   * Returns the work of each receiver, for a thread each: it takes messages in until {@link
   * #finish}, then what has arrived by then, and ends. What it throws is a failure of the server.
   */
  List<? extends Runnable> receivers();

  /** Returns the address that the source is bound to, with the real port. */
  SocketAddress localAddress();

  /**
   * Returns how many messages the kernel dropped, as it was up to a second ago, and exactly after
   * the close; empty if the kernel does not tell. Any thread.
   */
  OptionalLong kernelDrops();

  /** Returns the kind and the address of the source, for messages. */
  @Override
  String toString();

  /** Has the receivers look around, although no message has come. Any thread. */
  void wakeUp();

  /** Ends the waiting for new messages. Any thread. */
  void finish();

  /** Adds up what the kernel dropped at several sources or sockets; empty if one is empty. */
  static <T> OptionalLong sum(List<T> all, Function<T, OptionalLong> kernelDrops) {
    long sum = 0;
    for (T one : all) {
      OptionalLong drops = kernelDrops.apply(one);
      if (drops.isEmpty()) {
        return drops;
      }
      sum += drops.getAsLong();
    }
    return OptionalLong.of(sum);
  }
}
