package dev.ingest.internal.receive.udp;

import dev.ingest.internal.log.Log;
import java.lang.System.Logger.Level;
import org.jspecify.annotations.Nullable;

/**
 * Finds recvmmsg(2). A JVM before version 22 has no way to call it; for the others the jar holds
 * another class of this name, from {@code src/main/java22}, unless it was built on an older JDK or
 * repacked.
 */
final class RecvmmsgLookup {
  private static final int FIRST_JAVA_VERSION = 22;

  static {
    if (Runtime.version().feature() >= FIRST_JAVA_VERSION
        && System.getProperty("os.name").equals("Linux")) {
      Log.of("dev.ingest.receive")
          .log(
              Level.WARNING,
              "datagrams are received one by one, without recvmmsg, since its class is not found:"
                  + " take an ingest-core that was built on a JDK 22 or newer, and if it is repacked"
                  + " into another jar, set Multi-Release: true in that jar's manifest");
    }
  }

  private RecvmmsgLookup() {}

  /** Returns the call; null where it cannot be made. */
  static @Nullable Recvmmsg find() {
    return null;
  }
}
