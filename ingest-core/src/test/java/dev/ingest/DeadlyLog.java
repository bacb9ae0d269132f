package dev.ingest;

import java.lang.reflect.Array;
import java.lang.reflect.Field;
import java.lang.reflect.Modifier;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Collections;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.ResourceBundle;
import java.util.Set;

/**
 * Kills who logs: replaces one logger in the rate-limited logs of a server by one that throws an
 * Error on the calling thread, as it can happen where there is no memory for a message.
 */
final class DeadlyLog implements System.Logger {
  private static final Class<?> RATE_LIMITED_LOG;

  static {
    try {
      RATE_LIMITED_LOG = Class.forName("dev.ingest.internal.log.RateLimitedLog");
    } catch (ClassNotFoundException e) {
      throw new AssertionError(e);
    }
  }

  private final StackOverflowError error = new StackOverflowError("in the log");
  private final String name;
  private volatile boolean hasThrown;

  private DeadlyLog(String name) {
    this.name = name;
  }

  /** Replaces the logger of that name. Its logs must not be used meanwhile. */
  static DeadlyLog in(IngestServer server, String name) throws IllegalAccessException {
    DeadlyLog deadly = new DeadlyLog(name);
    List<Object> logs = new ArrayList<>();
    collectLogs(server, Collections.newSetFromMap(new IdentityHashMap<>()), logs);
    int replaced = 0;
    for (Object log : logs) {
      for (Field field : RATE_LIMITED_LOG.getDeclaredFields()) {
        field.setAccessible(true);
        if (field.get(log) instanceof System.Logger logger && logger.getName().equals(name)) {
          field.set(log, deadly);
          replaced++;
        }
      }
    }
    if (replaced == 0) {
      throw new AssertionError("no log of that name: " + name);
    }
    return deadly;
  }

  private static void collectLogs(Object from, Set<Object> seen, List<Object> logs)
      throws IllegalAccessException {
    if (from == null || !seen.add(from)) {
      return;
    }
    if (RATE_LIMITED_LOG.isInstance(from)) {
      logs.add(from);
    } else if (from instanceof Collection<?> collection) {
      for (Object element : List.copyOf(collection)) {
        collectLogs(element, seen, logs);
      }
    } else if (from instanceof Object[] array) {
      for (int i = 0; i < array.length; i++) {
        collectLogs(Array.get(array, i), seen, logs);
      }
    } else if (from.getClass().getName().startsWith("dev.ingest.") && !from.getClass().isHidden()) {
      for (Class<?> type = from.getClass(); type != null; type = type.getSuperclass()) {
        collectFields(type, from, seen, logs);
      }
    }
  }

  private static void collectFields(Class<?> type, Object from, Set<Object> seen, List<Object> logs)
      throws IllegalAccessException {
    if (type.getName().startsWith("dev.ingest.")) {
      for (Field field : type.getDeclaredFields()) {
        if (!Modifier.isStatic(field.getModifiers()) && !field.getType().isPrimitive()) {
          field.setAccessible(true);
          collectLogs(field.get(from), seen, logs);
        }
      }
    }
  }

  /** Returns what it throws. */
  StackOverflowError error() {
    return error;
  }

  private StackOverflowError thrown() {
    hasThrown = true;
    return error;
  }

  /** Tells whether somebody has logged, and died. */
  boolean hasThrown() {
    return hasThrown;
  }

  @Override
  public String getName() {
    return name;
  }

  @Override
  public boolean isLoggable(Level level) {
    throw thrown();
  }

  @Override
  public void log(Level level, ResourceBundle bundle, String message, Throwable failure) {
    throw thrown();
  }

  @Override
  public void log(Level level, ResourceBundle bundle, String format, Object... arguments) {
    throw thrown();
  }
}
