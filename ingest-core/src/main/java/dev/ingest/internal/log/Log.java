package dev.ingest.internal.log;

import java.lang.System.Logger;
import java.text.MessageFormat;
import java.util.ResourceBundle;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jspecify.annotations.Nullable;

/**
 * A logger that never holds up who logs, whatever the host's does: a line goes into a queue, from
 * which one thread gives it to the host's logger. What the queue cannot take is counted, and logged
 * once there is room. A logger that throws loses that line and nothing else.
 *
 * <p>The message is made by the thread that logs, since it may be of a buffer that is used again.
 * {@link Unprintable Unprintable} characters are escaped, those in the text of exceptions too.
 *
 * <p>Whether a level is on is remembered from the last time that the log thread asked, since the
 * host's logger could block. It asks after each line, and when a line was not logged: so if a level
 * is switched on, the first line of it may be missing.
 *
 * <p>Any thread.
 */
public final class Log implements Logger {
  private static final long WAIT_NANOS = TimeUnit.SECONDS.toNanos(1);

  private final Logger logger;
  private final LogQueue queue;
  private final AtomicBoolean asking = new AtomicBoolean();

  /** The severity from which on lines are logged. */
  private volatile int threshold;

  Log(Logger logger, LogQueue queue) {
    this.logger = logger;
    this.queue = queue;
    // Here and not on the log thread, since some hosts configure logging for the thread's context.
    askThreshold();
  }

  /** Returns the log of a name, such as {@code dev.ingest.receive}. */
  public static Log of(String name) {
    return new Log(System.getLogger(name), LogQueue.SHARED);
  }

  /**
   * Waits until all lines have been given to the host's loggers, at most a second. An interrupt
   * does not end the wait; the flag is kept.
   */
  public static void awaitWritten() {
    LogQueue.SHARED.awaitWritten(WAIT_NANOS);
  }

  @Override
  public String getName() {
    return logger.getName();
  }

  @Override
  public boolean isLoggable(Level level) {
    boolean on = level != Level.OFF && level.getSeverity() >= threshold;
    if (!on && asking.compareAndSet(false, true) && !queue.offer(this::askThreshold)) {
      asking.set(false); // the next line that is not logged asks again
    }
    return on;
  }

  @Override
  public void log(
      Level level,
      @Nullable ResourceBundle bundle,
      @Nullable String message,
      @Nullable Throwable failure) {
    if (isLoggable(level)) {
      String escaped = Unprintable.escape(localized(bundle, message));
      queue.add(() -> write(level, escaped, failure));
    }
  }

  @Override
  public void log(
      Level level,
      @Nullable ResourceBundle bundle,
      @Nullable String format,
      Object @Nullable ... arguments) {
    if (isLoggable(level)) {
      boolean plain = arguments == null || arguments.length == 0;
      String text = localized(bundle, format);
      log(level, null, plain ? text : MessageFormat.format(text, arguments), (Throwable) null);
    }
  }

  private static String localized(@Nullable ResourceBundle bundle, @Nullable String text) {
    return bundle == null || text == null ? String.valueOf(text) : bundle.getString(text);
  }

  /** Writes a line, on the log thread. */
  private void write(Level level, String message, @Nullable Throwable failure) {
    logger.log(level, message, failure == null ? null : EscapedException.of(failure));
    askThreshold();
  }

  private void askThreshold() {
    asking.set(false);
    int lowest = Level.OFF.getSeverity();
    try {
      for (Level level : Level.values()) {
        if (level != Level.ALL && level != Level.OFF && logger.isLoggable(level)) {
          lowest = Math.min(lowest, level.getSeverity());
        }
      }
    } catch (Throwable t) {
      lowest = Level.ALL.getSeverity(); // the log thread will meet what is wrong with it, and count
    }
    threshold = lowest;
  }
}
