package dev.ingest.cleanup;

/** Runs cleanup actions at exit. */
public final class CleanupRegistry {
  private CleanupRegistry() {}
}
