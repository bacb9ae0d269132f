package dev.ingest;

/**
 * What a server is doing. A server goes through these from the first to the last, and back only
 * from {@link #SINK_FAILING} to {@link #RUNNING}. One that fails to start goes from {@link
 * #STARTING} to {@link #CLOSED}, one that is closed before its start from {@link #NEW} to {@link
 * #CLOSING}.
 */
public enum ServerStatus {
  /** The server is built and not started. */
  NEW,
  /** {@link IngestServer#start} is running: it opens the files and the sink, and binds. */
  STARTING,
  /** The server receives, and nothing is known against its sink. */
  RUNNING,
  /**
   * The server receives, and its sink fails: the last call to open it, or to write to it, threw
   * though a retry may help. What is received waits in the queue and the spool. {@link
   * IngestServer#failure} gives what the sink threw last. The server is {@link #RUNNING} again when
   * the sink is open, or a write succeeds, be it of fresh records or of a replay; while nothing is
   * there to be written, it stays as it is. A record that the sink refuses for good changes
   * nothing.
   */
  SINK_FAILING,
  /** The close has begun: what has arrived is stored, and the sink is closed. */
  CLOSING,
  /** The drain is over, and {@link IngestServer#stats} is the final account. */
  CLOSED
}
