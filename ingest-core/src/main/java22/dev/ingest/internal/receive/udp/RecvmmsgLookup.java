package dev.ingest.internal.receive.udp;

import static java.lang.foreign.ValueLayout.ADDRESS;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import dev.ingest.internal.log.Log;
import java.lang.System.Logger.Level;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemorySegment;
import java.lang.invoke.MethodHandle;
import java.nio.ByteBuffer;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** Finds recvmmsg(2) through the foreign function interface: for JVMs from version 22 on. */
final class RecvmmsgLookup {
  private RecvmmsgLookup() {}

  /** Returns the call; null unless this is a 64-bit Linux and the JVM allows native access. */
  static @Nullable Recvmmsg find() {
    return Downcall.FUNCTION == null ? null : new Downcall();
  }

  private static final class Downcall implements Recvmmsg {
    private static final int MSG_DONTWAIT = 0x40;

    /** A constant, or each call would look it up. */
    static final @Nullable MethodHandle FUNCTION = link();

    @SuppressWarnings("restricted")
    private static @Nullable MethodHandle link() {
      if (!System.getProperty("os.name").equals("Linux") || ADDRESS.byteSize() != Long.BYTES) {
        return null;
      }
      // int recvmmsg(int sockfd, struct mmsghdr *msgvec, unsigned int vlen, int flags,
      //              struct timespec *timeout)
      FunctionDescriptor type =
          FunctionDescriptor.of(JAVA_INT, JAVA_INT, JAVA_LONG, JAVA_INT, JAVA_INT, JAVA_LONG);
      try {
        Linker linker = Linker.nativeLinker();
        return linker
            .defaultLookup()
            .find("recvmmsg")
            .map(function -> linker.downcallHandle(function, type))
            .orElse(null);
      } catch (IllegalCallerException | UnsupportedOperationException e) {
        Log.of("dev.ingest.receive")
            .log(
                Level.INFO,
                "datagrams are received one by one, without recvmmsg; to have it, allow native access"
                    + " by --enable-native-access: "
                    + e.getMessage());
        return null;
      }
    }

    @Override
    public long address(ByteBuffer buffer) {
      return MemorySegment.ofBuffer(buffer).address();
    }

    @Override
    public int receive(int descriptor, long headers, int count) {
      try {
        return (int)
            Objects.requireNonNull(FUNCTION)
                .invokeExact(descriptor, headers, count, MSG_DONTWAIT, 0L);
      } catch (Throwable t) {
        throw new IllegalStateException("recvmmsg cannot be called", t);
      }
    }
  }
}
