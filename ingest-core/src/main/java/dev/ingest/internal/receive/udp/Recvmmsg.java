package dev.ingest.internal.receive.udp;

import java.nio.ByteBuffer;

/** The call recvmmsg(2) of Linux, where the JVM can make it: see {@link RecvmmsgLookup}. */
interface Recvmmsg {
  /** Returns where a direct buffer begins in memory. */
  long address(ByteBuffer buffer);

  /**
   * Receives without waiting.
   *
   * @param descriptor the socket
   * @param headers the address of an array of struct mmsghdr
   * @param count how many there are
   * @return how many were filled; -1 if the call failed or there was nothing to receive
   */
  int receive(int descriptor, long headers, int count);
}
