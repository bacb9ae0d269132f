package dev.ingest.internal.server;

import dev.ingest.internal.intake.FlushRequests;
import dev.ingest.internal.ledger.Ledger;
import dev.ingest.internal.receive.MessageSource;
import java.io.Closeable;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.net.SocketAddress;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalLong;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Consumer;
import java.util.stream.Collectors;

/** The open sources of a server, and the threads that receive on them. */
final class Receivers implements Closeable {
  private final int number;
  private final Ledger ledger;
  private final Consumer<Throwable> failed;
  private final FlushRequests flushes;
  private final Resources opened = new Resources();

  /** Read also while sources are opened: by a server that names this one. */
  private final List<MessageSource> sources = new CopyOnWriteArrayList<>();

  private final List<StageThread> threads = new ArrayList<>();

  /**
   * Makes an account of no open source.
   *
   * @param number how many receivers there are to be
   * @param failed called when a thread has died of what it could not handle
   */
  Receivers(int number, Ledger ledger, Consumer<Throwable> failed) {
    this.number = number;
    this.ledger = ledger;
    this.failed = failed;
    this.flushes = new FlushRequests(number);
  }

  /** Returns what the receivers are asked for. */
  FlushRequests flushes() {
    return flushes;
  }

  /** Returns how many there are. */
  int size() {
    return threads.size();
  }

  /** Takes a source that was opened, and makes a thread for each of its receivers. */
  void opened(MessageSource source) {
    sources.add(opened.opened(source.toString(), source));
    for (Runnable receiver : source.receivers()) {
      String suffix = number == 1 ? "" : "-" + (threads.size() + 1);
      threads.add(new StageThread("ingest-receiver" + suffix, ledger, receiver, failed));
    }
  }

  void start() {
    threads.forEach(Thread::start);
  }

  /** Returns the addresses that the sources are bound to, with their real ports. */
  List<SocketAddress> localAddresses() {
    return sources.stream().map(MessageSource::localAddress).toList();
  }

  /** Returns what the kernel dropped at all sources; empty if it does not tell for one of them. */
  OptionalLong kernelDrops() {
    return MessageSource.sum(sources, MessageSource::kernelDrops);
  }

  /**
   * Has each receiver read what its sockets hold now, and waits until all of it is in the queue or
   * settled.
   *
   * @param deadline when to wait no longer, in the time of {@link System#nanoTime}
   * @return false if that took longer, or the server drains
   * @throws InterruptedException if the thread is interrupted meanwhile
   */
  boolean flush(long deadline) throws InterruptedException {
    long flush = flushes.ask();
    sources.forEach(MessageSource::wakeUp);
    return flushes.await(flush, deadline);
  }

  /** Ends the waiting for new messages. */
  void finish() {
    sources.forEach(MessageSource::finish);
  }

  /**
   * Waits for the end of the threads.
   *
   * @param deadline in the time of {@link System#nanoTime}
   * @return whether all have ended
   */
  boolean awaitEnd(long deadline) {
    return StageThread.awaitEnd(threads, deadline);
  }

  void logThreadsLeft(Logger logger) {
    threads.stream()
        .filter(Thread::isAlive)
        .forEach(thread -> logger.log(Level.ERROR, "the receiver did not end", thread.position()));
  }

  /** Closes the sources. */
  @Override
  public void close() {
    opened.close();
  }

  /** Returns the sources for messages. */
  @Override
  public String toString() {
    return sources.stream().map(MessageSource::toString).collect(Collectors.joining(", "));
  }
}
