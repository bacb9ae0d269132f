package dev.ingest.internal.decode;

import dev.ingest.record.RejectReason;
import java.io.Serial;

/** Why a datagram is rejected. Without a stack trace, since a sender decides how many are made. */
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

  /** The reason. */
  public RejectReason reason() {
    return reason;
  }

  /** What was found and what was expected. */
  public String detail() {
    return detail;
  }
}
