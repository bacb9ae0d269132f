package dev.ingest.internal.receive;

import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.util.Objects;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * The datagrams that one look into the socket gave. Each lies in a slot of its own, which has room
 * for one byte more than the longest datagram, so that a longer one shows.
 *
 * <p>Slots are filled from the first on: {@link #add} takes them as they come; what is {@link
 * #retain retained} of them is what {@link #datagram} and {@link #source} count. Only the receiver
 * thread uses it.
 */
final class Burst {
  /** What a burst shares, a call of the kernel or a parser, costs next to nothing from here on. */
  private static final int MAX_DATAGRAMS = 64;

  /** Of long datagrams fewer make a burst: they take longer anyway. */
  private static final int MAX_BYTES = 1 << 20;

  private final ByteBuffer[] slots;
  private final @Nullable InetSocketAddress[] sources;
  private final ByteBuffer[] datagrams;
  private int received;
  private int count;
  private int bytes;

  Burst(int maxDatagramSize) {
    int size = maxDatagramSize + 1;
    slots = new ByteBuffer[Math.max(1, Math.min(MAX_DATAGRAMS, MAX_BYTES / size))];
    ByteBuffer memory = ByteBuffer.allocateDirect(slots.length * size);
    for (int i = 0; i < slots.length; i++) {
      slots[i] = memory.slice(i * size, size);
    }
    sources = new InetSocketAddress[slots.length];
    datagrams = new ByteBuffer[slots.length];
  }

  /** The most datagrams that it takes. */
  int size() {
    return slots.length;
  }

  /** The memory for one datagram. */
  ByteBuffer slot(int index) {
    return slots[index];
  }

  boolean isFull() {
    return received == slots.length;
  }

  /** Empties it. */
  void clear() {
    received = 0;
    count = 0;
    bytes = 0;
  }

  /** The next slot, to receive into; it counts after {@link #add}. */
  ByteBuffer next() {
    return slots[received].clear();
  }

  /** Takes what was received into the next slot, up to the slot's position. */
  void add(InetSocketAddress source) {
    bytes += slots[received].flip().limit();
    sources[received++] = source;
  }

  /** How many datagrams were received. */
  int received() {
    return received;
  }

  /** Forgets the datagrams whose source is not accepted; gives their number. */
  int retain(Predicate<InetSocketAddress> accepted) {
    for (int i = 0; i < received; i++) {
      InetSocketAddress source = sources[i];
      if (source != null && accepted.test(source)) {
        sources[count] = source;
        datagrams[count++] = slots[i];
      }
    }
    return received - count;
  }

  /** How many datagrams are retained. */
  int count() {
    return count;
  }

  /** The length of all that were received. */
  int bytes() {
    return bytes;
  }

  /** The bytes of one. */
  ByteBuffer datagram(int index) {
    return datagrams[index].rewind();
  }

  /** Where one came from. */
  InetSocketAddress source(int index) {
    return Objects.requireNonNull(sources[index]);
  }

  /** Where each came from. */
  @Nullable InetSocketAddress[] sources() {
    return sources;
  }

  /** How many, from one on, begin with an object and are no longer than they may be. */
  int plainFrom(int first) {
    int end = first;
    while (end < count && isPlain(datagrams[end])) {
      end++;
    }
    return end - first;
  }

  private static boolean isPlain(ByteBuffer datagram) {
    int length = datagram.limit();
    return length > 0 && length < datagram.capacity() && datagram.get(0) == '{';
  }
}
