package dev.ingest.internal.log;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assertions.fail;

import java.io.PrintWriter;
import java.io.StringWriter;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.ResourceBundle;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import java.util.logging.Handler;
import java.util.logging.LogRecord;
import java.util.logging.SimpleFormatter;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(120)
class LogTest {
  private static final long ENOUGH = TimeUnit.SECONDS.toNanos(60);

  private final HostLogger host = new HostLogger();
  private final LogQueue queue = new LogQueue(host);
  private final Log log = new Log(host, queue);

  /** A logger of the host, which keeps the lines. */
  private static final class HostLogger implements Logger {
    final List<String> lines = Collections.synchronizedList(new ArrayList<>());
    final AtomicReference<Throwable> thrown = new AtomicReference<>();
    final AtomicReference<Thread> thread = new AtomicReference<>();
    volatile Level level = Level.INFO;
    volatile Runnable before = () -> {};
    volatile Runnable beforeLevel = () -> {};

    @Override
    public String getName() {
      return "host";
    }

    @Override
    public boolean isLoggable(Level asked) {
      beforeLevel.run();
      return asked.getSeverity() >= level.getSeverity();
    }

    @Override
    public void log(Level at, ResourceBundle bundle, String message, Throwable failure) {
      thread.set(Thread.currentThread());
      thrown.set(failure);
      before.run();
      lines.add(message);
    }

    @Override
    public void log(Level at, ResourceBundle bundle, String format, Object... arguments) {
      log(at, bundle, format, (Throwable) null);
    }
  }

  /** Blocks whoever passes it, until it is opened. */
  private static final class Gate implements Runnable {
    final CountDownLatch entered = new CountDownLatch(1);
    final CountDownLatch open = new CountDownLatch(1);

    @Override
    public void run() {
      entered.countDown();
      try {
        open.await();
      } catch (InterruptedException e) {
        throw new AssertionError(e);
      }
    }
  }

  private void assertWritten() {
    assertTrue(queue.awaitWritten(ENOUGH), "the lines are not written");
  }

  private static List<String> numbers(int count) {
    return IntStream.range(0, count).mapToObj(Integer::toString).toList();
  }

  @Test
  void lines_are_logged_in_order_by_a_daemon_thread() {
    for (String number : numbers(1_000)) {
      log.log(Level.INFO, number);
    }
    assertWritten();
    assertEquals(numbers(1_000), host.lines);
    assertEquals("ingest-log", host.thread.get().getName());
    assertTrue(host.thread.get().isDaemon());
  }

  @Test
  void a_stuck_logger_holds_nobody_up_and_what_does_not_fit_is_counted() throws Exception {
    Gate gate = new Gate();
    host.before = gate;
    log.log(Level.INFO, "0");
    gate.entered.await();
    for (int i = 1; i <= LogQueue.CAPACITY + 5; i++) {
      log.log(Level.INFO, Integer.toString(i));
    }
    assertFalse(queue.awaitWritten(1), "nothing can be written");
    assertEquals(List.of(), host.lines);

    gate.open.countDown();
    assertWritten();
    List<String> expected = new ArrayList<>(numbers(LogQueue.CAPACITY + 1));
    expected.add("5 log lines were left out, since the log did not take them in time");
    assertEquals(expected, host.lines);
    log.log(Level.INFO, "after");
    assertWritten();
    assertEquals("after", host.lines.get(expected.size()));
  }

  @Test
  void a_logger_that_throws_ends_nothing_and_its_lines_are_counted() {
    host.before =
        () -> {
          throw new StackOverflowError("in the\nhandler");
        };
    log.log(Level.INFO, "0");
    log.log(Level.INFO, "1");
    assertWritten();
    host.before = () -> {};
    log.log(Level.INFO, "2");
    assertWritten();
    // The notice of the first failed as well.
    assertEquals("2", host.lines.get(0));
    assertTrue(host.lines.get(1).startsWith("2 log lines were left out"), host.lines::toString);
    assertTrue(host.lines.get(1).endsWith("StackOverflowError: in the\\u000ahandler"));
  }

  @Test
  void a_level_that_is_off_costs_no_message_and_is_found_to_be_on_later() {
    log.log(Level.DEBUG, () -> fail("made a message"));
    assertFalse(log.isLoggable(Level.OFF));
    host.level = Level.DEBUG;
    while (!log.isLoggable(Level.DEBUG)) {
      assertWritten();
    }
    log.log(Level.DEBUG, () -> "on");
    host.level = Level.ERROR;
    log.log(Level.ERROR, "and off again, which is seen after this line");
    assertWritten();
    log.log(Level.WARNING, () -> fail("made a message"));
    assertEquals("on", host.lines.get(0));
  }

  @Test
  void a_level_is_asked_again_although_the_queue_was_full_when_it_was_to_be_asked()
      throws Exception {
    host.level = Level.ERROR;
    Log other = new Log(host, queue);
    CountDownLatch stuck = new CountDownLatch(1);
    CountDownLatch entered = new CountDownLatch(1);
    host.before =
        () -> {
          entered.countDown();
          awaitQuietly(stuck);
        };
    for (int i = 0; i <= 2 * LogQueue.CAPACITY; i++) {
      log.log(Level.ERROR, "line");
    }
    entered.await();
    other.log(Level.INFO, "off");
    host.before = () -> {};
    host.level = Level.INFO;
    stuck.countDown();
    assertWritten();
    other.log(Level.INFO, "asks");
    assertWritten();
    other.log(Level.INFO, "on");
    assertWritten();
    assertTrue(host.lines.contains("on"), host.lines::toString);
  }

  private static void awaitQuietly(CountDownLatch latch) {
    try {
      latch.await();
    } catch (InterruptedException e) {
      throw new AssertionError(e);
    }
  }

  @Test
  void a_logger_whose_level_cannot_be_asked_holds_nobody_up() throws Exception {
    Gate gate = new Gate();
    host.beforeLevel = gate;
    log.log(Level.DEBUG, "has the log thread ask");
    gate.entered.await();
    assertTrue(log.isLoggable(Level.INFO));
    log.log(Level.INFO, "a line");
    gate.open.countDown();
    assertWritten();
    assertEquals(List.of("a line"), host.lines);

    host.beforeLevel =
        () -> {
          throw new IllegalStateException();
        };
    new Log(host, queue).log(Level.INFO, "another");
    assertWritten();
    assertTrue(host.lines.contains("another"), host.lines::toString);
  }

  @Test
  void the_message_is_made_by_who_logs() throws Exception {
    Gate gate = new Gate();
    host.before = gate;
    StringBuilder buffer = new StringBuilder("used");
    log.log(Level.INFO, buffer::toString);
    log.log(Level.INFO, "{0} once", buffer);
    gate.entered.await();
    buffer.setLength(0);
    gate.open.countDown();
    assertWritten();
    assertEquals(List.of("used", "used once"), host.lines);
  }

  @Test
  void nobody_outside_can_forge_a_line_or_command_a_terminal() {
    Exception cause = new IllegalStateException("value 'x\nWARNING: forged'");
    cause.addSuppressed(new IllegalStateException("\u001b[2J"));
    Exception failure = new Exception("fine", cause);
    cause.initCause(failure); // a circle
    log.log(Level.ERROR, "from\r\n\u202ethere", failure);
    assertWritten();
    assertEquals(List.of("from\\u000d\\u000a\\u202ethere"), host.lines);

    StringWriter trace = new StringWriter();
    host.thrown.get().printStackTrace(new PrintWriter(trace, true));
    String text = trace.toString();
    assertTrue(text.startsWith("java.lang.Exception: fine" + System.lineSeparator()), text);
    assertTrue(text.contains("IllegalStateException: value 'x\\u000aWARNING: forged'"), text);
    assertTrue(text.contains("Suppressed: java.lang.IllegalStateException: \\u001b[2J"), text);
    assertTrue(text.contains("\tat "), text);
    assertTrue(text.contains("nobody_outside_can_forge_a_line"), text);
  }

  @Test
  void an_exception_that_can_be_printed_is_logged_itself() {
    Exception failure = new Exception("fine", new IllegalStateException("Größe: 5 µm"));
    log.log(Level.ERROR, "failed", failure);
    assertWritten();
    assertSame(failure, host.thrown.get());
  }

  @Test
  void the_thread_takes_nothing_of_the_host_and_survives_interrupts() {
    InheritableThreadLocal<String> local = new InheritableThreadLocal<>();
    local.set("of the host");
    AtomicReference<String> inherited = new AtomicReference<>();
    host.before =
        () -> {
          inherited.set(local.get());
          Thread.currentThread().interrupt();
        };
    Thread current = Thread.currentThread();
    ClassLoader before = current.getContextClassLoader();
    current.setContextClassLoader(new ClassLoader(before) {});
    try {
      log.log(Level.INFO, "0");
      assertWritten();
    } finally {
      current.setContextClassLoader(before);
      local.remove();
    }
    assertNull(inherited.get());
    assertSame(ClassLoader.getSystemClassLoader(), host.thread.get().getContextClassLoader());
    log.log(Level.INFO, "1");
    assertWritten();
    assertEquals(numbers(2), host.lines);
  }

  @Test
  void the_thread_ends_when_there_is_nothing_to_log_and_another_goes_on() throws Exception {
    log.log(Level.INFO, "0");
    assertWritten();
    Thread first = host.thread.get();
    first.join();
    log.log(Level.INFO, "1");
    assertWritten();
    assertEquals(numbers(2), host.lines);
  }

  @Test
  void the_log_thread_does_not_wait_for_itself() {
    AtomicReference<Boolean> written = new AtomicReference<>();
    host.before = () -> written.set(queue.awaitWritten(Long.MAX_VALUE));
    log.log(Level.INFO, "0");
    assertWritten();
    assertEquals(false, written.get());
  }

  @Test
  void java_util_logging_names_the_logger_as_the_source_of_a_line() {
    java.util.logging.Logger jul = java.util.logging.Logger.getLogger("dev.ingest.source-test");
    List<String> lines = Collections.synchronizedList(new ArrayList<>());
    Handler handler =
        new Handler() {
          @Override
          public void publish(LogRecord line) {
            lines.add(new SimpleFormatter().format(line));
          }

          @Override
          public void flush() {}

          @Override
          public void close() {}
        };
    jul.addHandler(handler);
    jul.setUseParentHandlers(false);
    Log named = new Log(System.getLogger("dev.ingest.source-test"), queue);
    named.log(Level.WARNING, () -> "a line");
    assertWritten();
    LogQueue failing = new LogQueue(System.getLogger("dev.ingest.source-test"));
    failing.add(
        () -> {
          throw new IllegalStateException();
        });
    failing.add(() -> {});
    failing.add(() -> {});
    assertTrue(failing.awaitWritten(ENOUGH));
    jul.removeHandler(handler);
    assertEquals(2, lines.size(), lines::toString);
    for (String line : lines) {
      assertTrue(line.lines().findFirst().orElseThrow().endsWith(" dev.ingest.source-test"), line);
    }
  }
}
