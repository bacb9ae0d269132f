package dev.ingest.cleanup;

import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.function.BiConsumer;
import org.jspecify.annotations.Nullable;

/**
 * Runs cleanup actions when the JVM exits, the last registered first: Python's {@code atexit} for
 * the JVM.
 *
 * <pre>{@code
 * Connection connection = open();
 * CleanupRegistry.global().deadline(Duration.ofSeconds(8));
 * var registration = CleanupRegistry.global().register(connection::close);
 * // ... and if it is closed earlier:
 * registration.unregister();
 * }</pre>
 *
 * <p>{@link #global()} runs its actions when the JVM exits, and whenever {@link #run()} is called.
 * A registry from {@link #create()} runs them on {@code run()} and {@link #close()} only.
 *
 * <h2>When the actions run</h2>
 *
 * <p>When the last non-daemon thread has ended (main returned or threw), on {@code System.exit}, on
 * SIGINT (Ctrl-C), and, unlike {@code atexit}, on SIGTERM and SIGHUP.
 *
 * <p><b>They do not run</b> on SIGKILL and loss of power, on {@code Runtime.halt}, when the JVM
 * crashes, and on signals if the JVM was started with {@code -Xrs} or with the signal ignored, as
 * {@code nohup} does with SIGHUP.
 *
 * <h2>At the exit</h2>
 *
 * <ul>
 *   <li>The registry is one of the JVM's shutdown hooks. Hooks run at the same time as each other
 *       and as all threads that are still alive, daemon threads too. So an action may use threads,
 *       but nothing that another hook takes away, such as {@code java.util.logging}.
 *   <li>The actions run one at a time on a thread of the registry's own, with the system class
 *       loader as its context class loader.
 *   <li>Each failure is reported, and the other actions run. An action that calls {@code
 *       System.exit} is reported and left behind.
 *   <li>Without a {@link #deadline} an action that hangs keeps the process from ending. So does one
 *       that waits for a thread that calls {@link #run()} or {@code System.exit}; see {@link
 *       #hasCalledExit}.
 * </ul>
 *
 * <h2>The exit status</h2>
 *
 * <p>The registry never halts the JVM and never sets the exit status: it stays what it was, 128
 * plus the signal's number after a signal. Another {@code System.exit} during the exit, by an
 * action or any other thread, blocks for ever and its status is ignored, with two exceptions of the
 * JVM's own. If the exit began without {@code System.exit} or a signal, because the last non-daemon
 * thread ended, a thread blocked in {@code System.exit} may go on once all hooks have ended, and
 * end the JVM with its own status. On JDK 17 and some later ones a {@code System.exit} that is
 * called after all hooks have ended, with a status other than 0, ends the JVM at once with that
 * status. So an application must not call {@code System.exit} with another status once an exit has
 * begun.
 *
 * <h2>From Python's atexit</h2>
 *
 * <p>Facts about Python are those of its <a
 * href="https://docs.python.org/3/library/atexit.html">documentation</a> and, for the functions
 * with an underscore, of CPython's {@code atexitmodule.c}.
 *
 * <table>
 *   <caption>Python's functions and what to use here</caption>
 *   <tr><th scope="col">Python</th><th scope="col">here</th></tr>
 *   <tr><td>{@code atexit.register(f)}</td><td>{@code global().register(this::f)}</td></tr>
 *   <tr><td>{@code atexit.register(f, 1, k=2)}</td>
 *       <td>{@code global().register(() -> f(1, 2))}: a lambda holds the arguments</td></tr>
 *   <tr><td>{@code @atexit.register} above a function</td>
 *       <td>none; it returns the function, {@code register} returns a {@link Registration}</td></tr>
 *   <tr><td>{@code atexit.unregister(f)}: every one that is {@code ==}, quiet if none</td>
 *       <td>{@link #unregister}, the same; {@link Registration#unregister} for just one. Two
 *       method references or lambdas are not equal: keep the one that you registered.</td></tr>
 *   <tr><td>{@code atexit._run_exitfuncs()}</td><td>{@link #run()}</td></tr>
 *   <tr><td>{@code atexit._ncallbacks()}</td><td>{@link #size()}</td></tr>
 *   <tr><td>{@code atexit._clear()}</td>
 *       <td>none: it would drop what others registered. Keep your {@code Registration}s, or use a
 *       registry from {@link #create()} and drop it.</td></tr>
 *   <tr><td>an exception: a traceback is printed, the others run</td>
 *       <td>the same, an action's {@code System.exit} included; {@link #onFailure} can replace the
 *       printing. {@code _run_exitfuncs()} only prints; {@code run()} then throws {@link
 *       CleanupException}.</td></tr>
 *   <tr><td>registering or unregistering inside a handler: undefined</td>
 *       <td>defined: what is registered runs next, what is unregistered does not run</td></tr>
 *   <tr><td>on SIGINT; not on a signal that Python does not handle, such as SIGTERM</td>
 *       <td>on SIGINT, SIGTERM and SIGHUP</td></tr>
 *   <tr><td>not on a fatal internal error or {@code os._exit()}</td>
 *       <td>not on a crash or {@code Runtime.halt}</td></tr>
 *   <tr><td>handlers run after non-daemon threads have ended, and since 3.12 cannot start one or
 *       {@code os.fork()}</td>
 *       <td>the same when main returns; on {@code System.exit} and signals every thread is still
 *       alive. Threads can be started; there is no fork.</td></tr>
 *   <tr><td>one stack per interpreter</td><td>one {@code global()} per class loader that has
 *       loaded this class</td></tr>
 * </table>
 *
 * <p>All methods may be called from any thread, also from actions. Registrations hold their actions
 * strongly. An empty registry holds nothing but its reporter, and the JVM does not hold the
 * registry.
 */
public final class CleanupRegistry implements AutoCloseable {
  private static final CleanupRegistry GLOBAL = new CleanupRegistry(true);

  final FailureReport report = new FailureReport();
  final PendingActions pending;
  final Drain drain;

  /** Whether the JVM's exit runs this registry. Then nothing but the exit closes it. */
  private final boolean atExit;

  /** The deadline of the exit, or null for none. */
  volatile @Nullable Duration deadline;

  /** The threads that are inside an {@code equals} that {@link #unregister(Action)} called. */
  private final Set<Thread> comparing =
      Collections.synchronizedSet(Collections.newSetFromMap(new IdentityHashMap<>()));

  private CleanupRegistry(boolean atExit) {
    this.atExit = atExit;
    this.pending = new PendingActions(atExit ? new ExitHook(new ExitRun(this)) : null);
    this.drain = new Drain(pending, report);
  }

  /**
   * Returns the registry that the JVM's exit runs. It has a shutdown hook only while it has
   * actions.
   *
   * @return always the same one
   */
  public static CleanupRegistry global() {
    return GLOBAL;
  }

  /**
   * Makes a registry that the JVM's exit does not run: for tests, scopes and plug-ins. To run it at
   * the exit as well, register its {@code close} in the global one.
   *
   * @return a new, empty registry
   */
  public static CleanupRegistry create() {
    return new CleanupRegistry(false);
  }

  /**
   * Puts an action on top of the stack: of those registered now it runs first, and during a run it
   * runs next. An action may be registered several times, and runs as often. Takes constant time
   * and never waits for an action.
   *
   * @param action what to run, once
   * @return the registration, which can be taken back
   * @throws IllegalStateException if the action could never run: after {@link #close()}, after the
   *     exit's cleanup is over, or if nothing was registered when the JVM began to exit
   */
  public Registration register(Action action) {
    return pending.push(Objects.requireNonNull(action, "action"));
  }

  /**
   * Takes back every registration of an action, that is, of each one that is the same object or for
   * which {@code action.equals(registered)}. Does not affect an action that runs already. Takes
   * time in proportion to {@link #size()}; {@link Registration#unregister} takes constant time.
   *
   * <p>If {@code equals} throws, this throws the same and takes nothing back. If {@code equals}
   * calls this method of this registry, that inner call compares by identity only, so that it ends.
   *
   * @param action what was registered
   * @return false if there was none
   */
  public boolean unregister(Action action) {
    Objects.requireNonNull(action, "action");
    List<Entry> equal = new ArrayList<>();
    boolean outermost = comparing.add(Thread.currentThread());
    try {
      for (Entry entry : pending.snapshot()) {
        Action registered = entry.action;
        if (registered != null
            && (registered == action || (outermost && action.equals(registered)))) {
          equal.add(entry);
        }
      }
    } finally {
      if (outermost) {
        comparing.remove(Thread.currentThread());
      }
    }
    boolean any = false;
    for (Entry entry : equal) {
      any |= pending.remove(entry);
    }
    return any;
  }

  /**
   * Runs all actions now, on this thread, the last registered first, and also those that are
   * registered meanwhile. The registry can be used again afterwards.
   *
   * <p>If another thread is running the actions, the exit's included, this method waits until that
   * run has ended and then runs what is left. An interrupt does not end the wait. A call by an
   * action runs the others at once, inside that action.
   *
   * <p>Actions start with the thread's interrupt flag cleared. The flag is set again at the end if
   * it was set at the beginning or became so meanwhile.
   *
   * @throws CleanupException if actions failed; each has been reported and all others have run
   */
  public void run() throws CleanupException {
    runNow(Run.Then.STAY_OPEN);
  }

  /**
   * Runs all actions like {@link #run()}, and refuses registrations from the moment when none is
   * left. Has no effect the second time. On {@link #global()} it does the same as {@code run()}:
   * that registry closes at the exit only.
   *
   * @throws CleanupException if actions failed; each has been reported and all others have run
   */
  @Override
  public void close() throws CleanupException {
    runNow(atExit ? Run.Then.STAY_OPEN : Run.Then.CLOSE);
  }

  /**
   * Returns the number of registrations that are still to run.
   *
   * @return 0 or more; an action that is running does not count
   */
  public int size() {
    return pending.size();
  }

  /**
   * Returns whether some thread is running the actions, this one included.
   *
   * @return true from the start of a run to its end
   */
  public boolean isRunning() {
    return pending.running() != null;
  }

  /**
   * Limits the exit's run: all actions together, counted from the start of the exit and including
   * the wait for a {@link #run()} in progress. At the deadline the action that runs is interrupted
   * and reported with its stack, each one that did not run is reported by name, and the process
   * ends (within a second or two, if the report itself hangs). There is no deadline unless one is
   * set. What counts is what was set when the exit began; {@code run()} and {@code close()} have no
   * limit.
   *
   * @param total more than zero
   * @return this registry
   * @throws IllegalArgumentException if the deadline is zero or negative
   */
  public CleanupRegistry deadline(Duration total) {
    if (total.isZero() || total.isNegative()) {
      throw new IllegalArgumentException(
          "The deadline must be more than zero, such as PT8S, but is ".concat(total.toString()));
    }
    deadline = total;
    return this;
  }

  /**
   * Replaces the report on {@code System.err}. The reporter gets each failure at once, on the
   * thread that runs the actions: what the action threw, or at the exit a {@link
   * java.util.concurrent.TimeoutException} for each action that the deadline cut off or kept from
   * running, or an {@link IllegalStateException} for one that called {@code System.exit}; the stack
   * is the action's. The reporter should not block. If it throws, both failures go to {@code
   * System.err}.
   *
   * <p>The default prints on a thread of its own. A run waits for that, but at most a second in all
   * if {@code System.err} does not take it, such as a full pipe that nobody reads. The default does
   * not log, because {@code java.util.logging} takes its handlers away during the exit. The
   * registry holds the reporter, and with it the reporter's class loader.
   *
   * @param reporter gets the action and what it threw
   * @return this registry
   */
  public CleanupRegistry onFailure(BiConsumer<? super Action, ? super Throwable> reporter) {
    report.reporter = Objects.requireNonNull(reporter, "reporter");
    return this;
  }

  /**
   * Tells whether a thread is inside {@code System.exit}, which never returns: who waits for that
   * thread would wait for ever. A waiter has to ask again from time to time: the answer is false
   * for the moments in which a thread inside {@code System.exit} runs instead of waiting.
   *
   * @param thread any thread
   * @return true if the thread waits inside {@code System.exit}
   */
  public static boolean hasCalledExit(Thread thread) {
    // The stack of a thread that runs is not read: its next safepoint may be far away.
    if (thread.getState() == Thread.State.RUNNABLE) {
      return false;
    }
    for (StackTraceElement frame : thread.getStackTrace()) {
      if (frame.getClassName().equals("java.lang.Shutdown")
          && frame.getMethodName().equals("exit")) {
        return true;
      }
    }
    return false;
  }

  private void runNow(Run.Then then) {
    List<Throwable> failures = new ArrayList<>();
    drain.run(then, failures);
    if (!failures.isEmpty()) {
      throw new CleanupException(failures);
    }
  }

  /** What to do at the exit. Its {@code toString} is its name in reports. */
  @FunctionalInterface
  public interface Action {
    /**
     * Cleans up. Called once for each registration, never at the same time as another action of the
     * same registry. An interrupt means that the deadline is over.
     *
     * @throws Exception if that failed: it is reported, and the other actions run
     */
    void run() throws Exception;
  }

  /** One registration of an action. Keeping it after the action has run holds nothing. */
  public interface Registration extends AutoCloseable {
    /**
     * Takes exactly this registration back, in constant time. Does not wait for an action.
     *
     * @return false if it has run, is running, or was taken back before
     */
    boolean unregister();

    /** Does the same as {@link #unregister()}, for try-with-resources. */
    @Override
    void close();
  }
}
