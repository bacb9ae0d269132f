package dev.ingest.internal.decode;

import dev.ingest.stats.RejectReason;
import java.io.Serial;

/** Tells why a message is rejected. Without a stack trace, since a sender decides how many. */
public final class RejectedException extends Exception {
  @Serial private static final long serialVersionUID = 1;

  private final RejectReason reason;
  private final String detail;

  /** Rejects for a reason, with what was found and what was expected. */
  public RejectedException(RejectReason reason, String detail) {
    super(detail, null, false, false);
    this.reason = reason;
    this.detail = detail;
  }

  /** Returns the reason. */
  public RejectReason reason() {
    return reason;
  }

  /** Returns what was found and what was expected. */
  public String detail() {
    return detail;
  }
}
