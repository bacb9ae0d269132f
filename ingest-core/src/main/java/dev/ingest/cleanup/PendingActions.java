package dev.ingest.cleanup;

import dev.ingest.cleanup.CleanupRegistry.Action;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/**
 * The stack of actions and the run that empties it, one state under one lock.
 *
 * <p>The lock is held for a few field accesses and for adding or removing the JVM hook, never while
 * code of a user runs: no action, {@code equals}, {@code toString} or reporter. So nothing that
 * these do can deadlock with it or see the state half changed. Whenever the lock is free:
 *
 * <ul>
 *   <li>At most one thread runs actions: the thread of {@link #run}. Runs nested on that thread
 *       form a chain by {@link Run#outer}; {@link #run} is the innermost.
 *   <li>A run ends in the same step that finds the stack empty ({@link #next}), and that step also
 *       closes, if the run closes. A registration therefore comes either before that step, and
 *       runs, or after it, and is pending for the next run or refused. None is lost between the
 *       two.
 *   <li>The hook is there while an action is pending or running. It stays during the last action,
 *       although the stack is empty then: an exit has to wait for that action.
 *   <li>A run that {@link #abandon} or {@link #cutOff} took from its thread is no longer in the
 *       chain: its thread, should it come back, gets null from {@link #next} and leaves.
 * </ul>
 */
final class PendingActions {
  private final ReentrantLock lock = new ReentrantLock();
  private final Condition runEnded = lock.newCondition();

  /** Null for a registry that the JVM's exit does not run. */
  private final @Nullable ExitHook hook;

  private @Nullable Entry top;
  private int size;
  private @Nullable Run run;
  private boolean closed;

  PendingActions(@Nullable ExitHook hook) {
    this.hook = hook;
  }

  /** Puts an action on top. Throws IllegalStateException if it could never run. */
  Entry push(Action action) {
    Entry entry = new Entry(this, action);
    lock.lock();
    try {
      if (closed) {
        throw new IllegalStateException(
            hook == null
                ? "The cleanup registry is closed: register before close()"
                : "The JVM is exiting and its cleanup is over: register before the exit");
      }
      if (hook != null) {
        hook.add();
      }
      link(entry);
      return entry;
    } finally {
      lock.unlock();
    }
  }

  /** Takes an entry out. Returns false if its action ran or runs, or it was taken out before. */
  boolean remove(Entry entry) {
    lock.lock();
    try {
      if (entry.action == null) {
        return false;
      }
      unlink(entry);
      removeHookIfIdle();
      return true;
    } finally {
      lock.unlock();
    }
  }

  /** Returns the entries as they are now, top first. */
  List<Entry> snapshot() {
    lock.lock();
    try {
      List<Entry> entries = new ArrayList<>(size);
      for (Entry entry = top; entry != null; entry = entry.below) {
        entries.add(entry);
      }
      return entries;
    } finally {
      lock.unlock();
    }
  }

  int size() {
    lock.lock();
    try {
      return size;
    } finally {
      lock.unlock();
    }
  }

  boolean isClosed() {
    lock.lock();
    try {
      return closed;
    } finally {
      lock.unlock();
    }
  }

  /** Returns the innermost run in progress, or null. */
  @Nullable Run running() {
    lock.lock();
    try {
      return run;
    } finally {
      lock.unlock();
    }
  }

  /**
   * Starts a run on this thread: inside the run that this thread is already in, or else after the
   * end of any other.
   */
  Run begin(Run.Then then) {
    Thread self = Thread.currentThread();
    lock.lock();
    try {
      while (run != null && run.thread != self) {
        runEnded.awaitUninterruptibly();
      }
      run = new Run(self, run, then);
      return run;
    } finally {
      lock.unlock();
    }
  }

  /** Pops the action to run now. Returns null if there is none: then the run has ended. */
  @Nullable Action next(Run current) {
    lock.lock();
    try {
      if (run != current) {
        return null;
      }
      Entry entry = top;
      if (entry == null) {
        closed |= current.then == Run.Then.CLOSE;
        end(current);
        return null;
      }
      current.current = entry.action;
      unlink(entry);
      return current.current;
    } finally {
      lock.unlock();
    }
  }

  /**
   * Ends a run that leaves before the stack is empty, because of an Error in this library. Does
   * nothing if the run has ended.
   */
  void leave(Run current) {
    lock.lock();
    try {
      if (run == current) {
        end(current);
      }
    } finally {
      lock.unlock();
    }
  }

  /**
   * Takes a run, and those around it, from a thread that will never come back.
   *
   * @param report runs next, so that nobody can close before it; null if there is none
   */
  void abandon(Run lost, @Nullable Action report) {
    lock.lock();
    try {
      if (run != lost) {
        return;
      }
      if (report != null) {
        link(new Entry(this, report));
      }
      run = null;
      runEnded.signalAll();
    } finally {
      lock.unlock();
    }
  }

  /**
   * Closes at once, whatever is pending or running.
   *
   * @param left gets the actions that will not run, top first
   * @return the innermost run in progress, taken from its thread, or null
   */
  @Nullable Run cutOff(List<Action> left) {
    lock.lock();
    try {
      closed = true;
      for (Entry entry = top; entry != null; entry = top) {
        Action action = entry.action;
        if (action != null) {
          left.add(action);
        }
        unlink(entry);
      }
      Run last = run;
      run = null;
      runEnded.signalAll();
      return last;
    } finally {
      lock.unlock();
    }
  }

  private void end(Run current) {
    run = current.outer;
    if (run == null) {
      removeHookIfIdle();
      runEnded.signalAll();
    }
  }

  private void link(Entry entry) {
    entry.below = top;
    if (top != null) {
      top.above = entry;
    }
    top = entry;
    size++;
  }

  private void unlink(Entry entry) {
    Entry above = entry.above;
    Entry below = entry.below;
    if (above == null) {
      top = below;
    } else {
      above.below = below;
    }
    if (below != null) {
      below.above = above;
    }
    entry.above = null;
    entry.below = null;
    entry.action = null;
    size--;
  }

  private void removeHookIfIdle() {
    if (hook != null && size == 0 && run == null) {
      hook.remove();
    }
  }
}
