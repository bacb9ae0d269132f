package dev.ingest.cleanup;

import java.io.Serial;
import java.util.List;

/**
 * Thrown at the end of {@link CleanupRegistry#run()} and {@link CleanupRegistry#close()} if actions
 * failed. All the others have run by then.
 *
 * <p>The {@linkplain #getCause() cause} is what the last one that failed threw; {@linkplain
 * #getSuppressed() suppressed} is what the earlier ones threw, in the order in which they ran.
 */
public final class CleanupException extends RuntimeException {
  @Serial private static final long serialVersionUID = 1;

  /** Holds the failures of one run, at least one, in the order in which the actions ran. */
  CleanupException(List<Throwable> failures) {
    super(message(failures), failures.get(failures.size() - 1));
    for (Throwable earlier : failures.subList(0, failures.size() - 1)) {
      addSuppressed(earlier);
    }
  }

  private static String message(List<Throwable> failures) {
    String last = failures.get(failures.size() - 1).getClass().getName();
    return Integer.toString(failures.size())
        .concat(failures.size() == 1 ? " cleanup action" : " cleanup actions")
        .concat(" failed, all others ran; the cause is the last failure: ")
        .concat(last);
  }
}
