package dev.ingest.internal.receive.udp;

import org.jspecify.annotations.Nullable;

/**
 * Finds recvmmsg(2). A JVM before version 22 has no way to call it; for the others the jar holds
 * another class of this name, from {@code src/main/java22}.
 */
final class RecvmmsgLookup {
  private RecvmmsgLookup() {}

  /** Returns the call; null where it cannot be made. */
  static @Nullable Recvmmsg find() {
    return null;
  }
}
