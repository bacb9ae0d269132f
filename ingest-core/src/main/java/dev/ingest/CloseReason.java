package dev.ingest;

/** Why a server was closed. */
public enum CloseReason {
  /** {@link IngestServer#close} was called. */
  CLOSED,
  /**
   * The server's cleanup registry ran the drain, as it does when the process exits. (A host that
   * runs the registry by itself gets this reason, too.)
   */
  EXIT,
  /**
   * The server failed: it could not start, or one of its threads met what it could not handle.
   * {@link IngestServer#failure} gives the cause.
   */
  FAILED
}
