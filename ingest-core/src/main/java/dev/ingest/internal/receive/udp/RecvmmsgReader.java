package dev.ingest.internal.receive.udp;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/**
 * Reads a burst by one call of the kernel, recvmmsg(2). The structures that it takes are laid out
 * here once, as in a 64-bit Linux (recvmsg(2), struct msghdr; recvmmsg(2), struct mmsghdr), in one
 * piece of memory: the headers, the vectors that they point to, the addresses. The kernel writes
 * the lengths and the senders' addresses into it.
 */
final class RecvmmsgReader implements DatagramReader {
  private static final int HEADER_BYTES = 64;
  private static final int NAME = 0;
  private static final int NAME_LENGTH = 8;
  private static final int IO_VECTOR = 16;
  private static final int IO_VECTOR_LENGTH = 24;
  private static final int LENGTH = 56;
  private static final int IO_VECTOR_BYTES = 16;

  private final Recvmmsg call;
  private final int descriptor;
  private final Burst burst;
  private final ByteBuffer memory;
  private final long address;
  private final int addresses;
  private final SourceAddresses senders = new SourceAddresses();

  /** Makes a reader from a descriptor into the slots of a burst. */
  RecvmmsgReader(Recvmmsg call, int descriptor, Burst burst) {
    this.call = call;
    this.descriptor = descriptor;
    this.burst = burst;
    int size = burst.size();
    int vectors = size * HEADER_BYTES;
    this.addresses = vectors + size * IO_VECTOR_BYTES;
    this.memory =
        ByteBuffer.allocateDirect(addresses + size * SourceAddresses.ADDRESS_BYTES)
            .order(ByteOrder.nativeOrder());
    this.address = call.address(memory);
    for (int i = 0; i < size; i++) {
      int vector = vectors + i * IO_VECTOR_BYTES;
      memory.putLong(vector, call.address(burst.slot(i)));
      memory.putLong(vector + Long.BYTES, burst.slot(i).capacity());
      int header = i * HEADER_BYTES;
      memory.putLong(header + NAME, address + sender(i));
      memory.putInt(header + NAME_LENGTH, SourceAddresses.ADDRESS_BYTES);
      memory.putLong(header + IO_VECTOR, address + vector);
      memory.putLong(header + IO_VECTOR_LENGTH, 1);
    }
  }

  private int sender(int index) {
    return addresses + index * SourceAddresses.ADDRESS_BYTES;
  }

  /**
   * {@inheritDoc}
   *
   * <p>It also returns false if the call failed: a read of the channel tells the two apart.
   */
  @Override
  public boolean read() throws IOException {
    int received = call.receive(descriptor, address, burst.size());
    for (int i = 0; i < received; i++) {
      int header = i * HEADER_BYTES;
      burst.next().position(memory.getInt(header + LENGTH));
      burst.add(senders.read(memory, sender(i)));
      memory.putInt(header + NAME_LENGTH, SourceAddresses.ADDRESS_BYTES);
    }
    return received > 0;
  }

  @Override
  public String toString() {
    return "recvmmsg";
  }
}
