package dev.ingest.internal.server;

import java.util.concurrent.CompletableFuture;

/** What a pipeline has to do with the life of its server. Any thread. */
public interface ServerLife {
  /** Fails when the server is closed during its start, which is to end then. */
  CompletableFuture<?> startCancelled();

  /** Takes note that a call of the sink threw though a retry may help. */
  void sinkFailed(Throwable failure);

  /** Takes note that the sink, which had failed, works again. */
  void sinkWorks();
}
