package dev.ingest.internal.server;

import dev.ingest.internal.log.Log;
import java.io.Closeable;
import java.io.IOException;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.util.ArrayDeque;
import java.util.Deque;

/** What is open, the last opened on top: closed in the opposite order. Not thread-safe. */
final class Resources implements Closeable {
  private static final Logger LOGGER = Log.of("dev.ingest");

  private final Deque<Named> opened = new ArrayDeque<>();

  private record Named(String name, Closeable resource) {}

  /** Takes a resource that was opened; returns it. */
  <T extends Closeable> T opened(String name, T resource) {
    opened.push(new Named(name, resource));
    return resource;
  }

  boolean isEmpty() {
    return opened.isEmpty();
  }

  /** Closes all. A failure is logged, and the others are closed. */
  @Override
  public void close() {
    while (!opened.isEmpty()) {
      Named last = opened.pop();
      try {
        last.resource().close();
      } catch (IOException e) {
        LOGGER.log(Level.ERROR, "closing " + last.name() + " failed", e);
      }
    }
  }
}
