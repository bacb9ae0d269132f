package dev.ingest;

import java.util.logging.Handler;
import java.util.logging.LogRecord;
import java.util.logging.Logger;

/** A log handler that throws for every line of one logger while it is open: it kills who logs. */
final class DeadlyLog extends Handler implements AutoCloseable {
  private final StackOverflowError error = new StackOverflowError("in the handler");

  // Held here: java.util.logging itself holds loggers weakly.
  private final Logger logger;

  DeadlyLog(String name) {
    logger = Logger.getLogger(name);
    logger.addHandler(this);
  }

  /** Returns what it throws. */
  StackOverflowError error() {
    return error;
  }

  @Override
  public void publish(LogRecord log) {
    throw error;
  }

  @Override
  public void flush() {}

  @Override
  public void close() {
    logger.removeHandler(this);
  }
}
