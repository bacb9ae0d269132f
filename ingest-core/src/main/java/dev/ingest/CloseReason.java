package dev.ingest;

/** Why a server was closed. */
public enum CloseReason {
  /** {@link IngestServer#close} was called. */
  CLOSED,
  /** The process exits: the server's cleanup registry ran the drain. */
  EXIT,
  /**
   * The server failed: it could not start, or one of its threads met what it could not handle.
   * {@link IngestServer#failure} gives the cause.
   */
  FAILED
}
