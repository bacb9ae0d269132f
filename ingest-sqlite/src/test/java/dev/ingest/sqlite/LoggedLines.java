package dev.ingest.sqlite;

import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.logging.Handler;
import java.util.logging.Level;
import java.util.logging.LogRecord;
import java.util.logging.Logger;

/** What the sink logs, from now on until the close. */
final class LoggedLines extends Handler implements AutoCloseable {
  private final Logger logger = Logger.getLogger("dev.ingest.sqlite");
  private final List<LogRecord> records = new CopyOnWriteArrayList<>();

  LoggedLines() {
    logger.addHandler(this);
  }

  /** The messages of a level so far. */
  List<String> at(Level level) {
    return records.stream()
        .filter(line -> line.getLevel().equals(level))
        .map(LogRecord::getMessage)
        .toList();
  }

  @Override
  public void publish(LogRecord line) {
    records.add(line);
  }

  @Override
  public void flush() {}

  @Override
  public void close() {
    logger.removeHandler(this);
  }
}
