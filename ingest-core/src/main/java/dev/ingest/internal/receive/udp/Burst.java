package dev.ingest.internal.receive.udp;

import dev.ingest.internal.intake.Messages;
import dev.ingest.internal.receive.Admission;
import dev.ingest.stats.IgnoreReason;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.nio.ByteBuffer;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * The datagrams that one look into the socket gave. Each lies in a slot of its own, which has room
 * for one byte more than the longest datagram, so that a longer one shows.
 *
 * <p>Slots are filled from the first on: {@link #add} takes them as they come; those that are
 * {@link #retain retained} are the messages. Only the receiver thread uses it.
 */
final class Burst implements Messages {
  /** What a burst shares, a call of the kernel or a parser, costs next to nothing from here on. */
  private static final int MAX_DATAGRAMS = 64;

  /** Of long datagrams fewer make a burst: they take longer anyway. */
  private static final int MAX_BYTES = 1 << 20;

  private final ByteBuffer[] slots;
  private final @Nullable InetSocketAddress[] senders;
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
    senders = new InetSocketAddress[slots.length];
    datagrams = new ByteBuffer[slots.length];
  }

  /** Returns the most datagrams that it takes. */
  int size() {
    return slots.length;
  }

  /** Returns the memory for one datagram. */
  ByteBuffer slot(int index) {
    return slots[index];
  }

  boolean isFull() {
    return received == slots.length;
  }

  /** Empties the burst. */
  void clear() {
    received = 0;
    count = 0;
    bytes = 0;
  }

  /** Returns the next slot, to receive into; it counts after {@link #add}. */
  ByteBuffer next() {
    return slots[received].clear();
  }

  /** Takes what was received into the next slot, up to the slot's position. */
  void add(InetSocketAddress sender) {
    bytes += slots[received].flip().limit();
    senders[received++] = sender;
  }

  /** Returns how many datagrams were received. */
  int received() {
    return received;
  }

  /** Forgets the datagrams that are not admitted; adds how many to the counts of the reasons. */
  void retain(Admission admission, Map<IgnoreReason, Integer> ignored) {
    for (int i = 0; i < received; i++) {
      InetSocketAddress sender = Objects.requireNonNull(senders[i]);
      IgnoreReason reason = admission.judge(sender, slots[i]);
      if (reason == null) {
        senders[count] = sender;
        datagrams[count++] = slots[i];
      } else {
        ignored.merge(reason, 1, Integer::sum);
      }
    }
  }

  @Override
  public int count() {
    return count;
  }

  @Override
  public int maxBytes() {
    return bytes;
  }

  @Override
  public ByteBuffer message(int index) {
    return datagrams[index].rewind();
  }

  @Override
  public InetSocketAddress sender(int index) {
    return Objects.requireNonNull(senders[index]);
  }

  @Override
  public @Nullable SocketAddress[] senders() {
    return senders;
  }
}
