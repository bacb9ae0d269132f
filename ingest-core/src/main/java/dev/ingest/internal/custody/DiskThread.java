package dev.ingest.internal.custody;

import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Makes the calls on a disk of one other thread, its caller, which waits for them, but can stop
 * that when the disk does not answer: nobody can end a call that a disk holds up.
 *
 * <p>The thread is started by the first call, so it is there only if there are calls. It is a
 * daemon, and ends by {@link #end}, or with the call that was given up. Who accounts for a call is
 * one step of {@code state}: the caller if it was waited for, and otherwise {@link Call#late}.
 */
public final class DiskThread {
  /** A call on a disk. */
  @FunctionalInterface
  public interface Call {
    /** Makes the call, on the disk's thread. */
    void make();

    /** Called after {@link #make}, on the same thread, if nobody waits for it any more. */
    default void late() {}
  }

  private static final int IDLE = 0;
  private static final int AWAITED = 1;
  private static final int GIVEN_UP = 2;

  private final Thread thread;
  private final AtomicInteger state = new AtomicInteger(IDLE);
  private volatile @Nullable Call next;
  private volatile @Nullable Thread caller;
  private volatile boolean givingUp;
  private volatile boolean ended;
  private @Nullable Throwable failure; // passed on by state

  /**
   * Makes a thread that is started when it is needed.
   *
   * @param failed called with what a call that was given up has thrown
   */
  DiskThread(String name, Consumer<Throwable> failed) {
    thread = new Thread(this::serve, name);
    thread.setDaemon(true);
    thread.setUncaughtExceptionHandler((ended, thrown) -> failed.accept(thrown));
  }

  /**
   * Makes a call, and waits for it. An interrupt does not end the wait; the flag is kept. What the
   * call throws, this throws. Always from the same thread.
   *
   * @return false if it was given up: it may still be made; or at once, if an earlier one was
   */
  public boolean make(Call call) {
    if (hasGivenUp()) {
      return false;
    }
    if (caller == null) {
      thread.start();
      caller = Thread.currentThread();
    }
    state.set(AWAITED);
    next = call;
    LockSupport.unpark(thread);
    boolean interrupted = false;
    while (state.get() == AWAITED && !givingUp) {
      LockSupport.park(this);
      interrupted |= Thread.interrupted();
    }
    if (interrupted) {
      Thread.currentThread().interrupt();
    }
    if (state.compareAndSet(AWAITED, GIVEN_UP)) {
      return false;
    }
    rethrowFailure();
    return true;
  }

  private void rethrowFailure() {
    Throwable thrown = failure;
    failure = null;
    if (thrown instanceof Error error) {
      throw error;
    }
    if (thrown instanceof RuntimeException exception) {
      throw exception;
    }
  }

  /** Tells whether a call was given up: no other is made. For the caller. */
  boolean hasGivenUp() {
    return state.get() == GIVEN_UP;
  }

  /** Tells whether the caller waits. Any thread. */
  boolean isAwaited() {
    return state.get() == AWAITED;
  }

  /** Ends the wait for the disk, now and at each further call. Any thread. */
  void giveUp() {
    givingUp = true;
    LockSupport.unpark(caller);
  }

  /** Ends the thread, since no call comes any more. */
  public void end() {
    ended = true;
    LockSupport.unpark(thread);
  }

  private void serve() {
    while (true) {
      Call call = next;
      if (call != null) {
        next = null;
        serve(call);
      } else if (ended) {
        return;
      } else {
        LockSupport.park(this);
      }
    }
  }

  private void serve(Call call) {
    try {
      call.make();
    } catch (Throwable t) {
      failure = t;
    }
    if (state.compareAndSet(AWAITED, IDLE)) {
      LockSupport.unpark(caller);
    } else {
      call.late();
      rethrowFailure();
    }
  }
}
