package dev.ingest.stats;

/** Why a connection was closed. What came over it before is decoded and stored all the same. */
public enum DisconnectReason {
  /** The client ended it. */
  END_OF_STREAM,
  /** It broke: the client or the network reset it. */
  RESET,
  /** The server closes, and had read what had arrived. */
  SERVER_CLOSED,
  /** The source's filter did not accept the client. */
  FILTERED,
  /**
   * As many connections as the source takes were open. The one that is closed is the oldest of
   * those over which nothing has come yet; if there is none, the new one.
   */
  TOO_MANY_CONNECTIONS,
  /** Nothing came over it for as long as the source's idle timeout. */
  IDLE,
  /** The TLS handshake failed or took too long, or what came later was not TLS. */
  TLS_FAILED
}
