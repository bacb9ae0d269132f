package dev.ingest.internal.receive;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/**
 * Receives a burst by one call of the kernel, recvmmsg(2). The structures that it takes are laid
 * out here once, as in a 64-bit Linux (recvmsg(2), struct msghdr; recvmmsg(2), struct mmsghdr), in
 * one piece of memory: the headers, the vectors that they point to, the addresses. The kernel
 * writes the lengths and the source addresses into it.
 */
final class ManyReceive {
  private static final int HEADER_BYTES = 64;
  private static final int NAME = 0;
  private static final int NAME_LENGTH = 8;
  private static final int IO_VECTOR = 16;
  private static final int IO_VECTOR_LENGTH = 24;
  private static final int LENGTH = 56;
  private static final int IO_VECTOR_BYTES = 16;

  private final RecvMmsg call;
  private final int descriptor;
  private final Burst burst;
  private final ByteBuffer memory;
  private final long address;
  private final int addresses;
  private final Sources sources = new Sources();

  /** Receives from a descriptor into the slots of a burst. */
  ManyReceive(RecvMmsg call, int descriptor, Burst burst) {
    this.call = call;
    this.descriptor = descriptor;
    this.burst = burst;
    int vectors = burst.size() * HEADER_BYTES;
    this.addresses = vectors + burst.size() * IO_VECTOR_BYTES;
    this.memory =
        ByteBuffer.allocateDirect(addresses + burst.size() * Sources.ADDRESS_BYTES)
            .order(ByteOrder.nativeOrder());
    this.address = call.address(memory);
    for (int i = 0; i < burst.size(); i++) {
      int vector = vectors + i * IO_VECTOR_BYTES;
      memory.putLong(vector, call.address(burst.slot(i)));
      memory.putLong(vector + Long.BYTES, burst.slot(i).capacity());
      int header = i * HEADER_BYTES;
      memory.putLong(header + NAME, address + source(i));
      memory.putInt(header + NAME_LENGTH, Sources.ADDRESS_BYTES);
      memory.putLong(header + IO_VECTOR, address + vector);
      memory.putLong(header + IO_VECTOR_LENGTH, 1);
    }
  }

  private int source(int index) {
    return addresses + index * Sources.ADDRESS_BYTES;
  }

  /**
   * Fills the burst, which is empty, with what is there.
   *
   * @return false if nothing is there, or the call failed: the channel tells which
   */
  boolean receive() throws IOException {
    int received = call.receive(descriptor, address, burst.size());
    for (int i = 0; i < received; i++) {
      int header = i * HEADER_BYTES;
      burst.next().position(memory.getInt(header + LENGTH));
      burst.add(sources.read(memory, source(i)));
      memory.putInt(header + NAME_LENGTH, Sources.ADDRESS_BYTES);
    }
    return received > 0;
  }
}
