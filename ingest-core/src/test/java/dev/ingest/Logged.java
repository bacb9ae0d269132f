package dev.ingest;

import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.logging.Handler;
import java.util.logging.Level;
import java.util.logging.LogRecord;
import java.util.logging.Logger;

/** What the library logs, through java.util.logging, at one level while this is open. */
final class Logged implements AutoCloseable {
  // Held here: java.util.logging itself holds loggers weakly.
  private final Logger logger = Logger.getLogger("dev.ingest");
  private final List<String> messages = new CopyOnWriteArrayList<>();
  private final Handler handler;

  Logged(Level level) {
    handler =
        new Handler() {
          @Override
          public void publish(LogRecord log) {
            if (log.getLevel().equals(level)) {
              messages.add(log.getMessage());
            }
          }

          @Override
          public void flush() {}

          @Override
          public void close() {}
        };
    logger.addHandler(handler);
  }

  List<String> messages() {
    return messages;
  }

  /** Waits until a message with these parts is logged: another thread does that. */
  void await(String... parts) {
    Ledgers.await(() -> has(parts));
  }

  private boolean has(String... parts) {
    return messages.stream()
        .anyMatch(message -> List.of(parts).stream().allMatch(message::contains));
  }

  @Override
  public void close() {
    logger.removeHandler(handler);
  }
}
