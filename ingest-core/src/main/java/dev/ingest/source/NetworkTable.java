package dev.ingest.source;

import java.nio.ByteBuffer;
import java.util.List;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.stream.IntStream;

/**
 * Networks of one address family, none in another, in ascending order. Addresses are unsigned
 * numbers of 128 bits, in two halves.
 */
final class NetworkTable {
  private final long[] highs;
  private final long[] lows;
  private final int[] prefixes;

  /** A number of 128 bits. */
  private record Base(long high, long low) implements Comparable<Base> {
    @Override
    public int compareTo(Base other) {
      return compare(high, low, other.high, other.low);
    }
  }

  private NetworkTable(SortedMap<Base, Integer> networks) {
    highs = networks.keySet().stream().mapToLong(Base::high).toArray();
    lows = networks.keySet().stream().mapToLong(Base::low).toArray();
    prefixes = networks.values().stream().mapToInt(prefix -> prefix).toArray();
  }

  /**
   * Makes the table of the networks whose addresses have a length.
   *
   * @param prefixes in bits, one for each address
   */
  static NetworkTable of(List<byte[]> addresses, List<Integer> prefixes, int length) {
    TreeMap<Base, Integer> networks = new TreeMap<>();
    int above = 128 - 8 * length;
    // The largest first: what is in one of them needs no entry, and no two overlap otherwise.
    IntStream.range(0, addresses.size())
        .filter(i -> addresses.get(i).length == length)
        .boxed()
        .sorted((a, b) -> prefixes.get(a) - prefixes.get(b))
        .forEach(
            i -> {
              ByteBuffer bytes = ByteBuffer.allocate(16).put(16 - length, addresses.get(i));
              Base base = new Base(bytes.getLong(0), bytes.getLong(8));
              var below = networks.floorEntry(base);
              if (below == null || !contains(below.getKey(), below.getValue(), base)) {
                networks.put(base, above + prefixes.get(i));
              }
            });
    return new NetworkTable(networks);
  }

  private static boolean contains(Base network, int prefix, Base address) {
    return isEqual(network.high, network.low, prefix, address.high, address.low);
  }

  /** Tells whether an address is in one of the networks. */
  boolean contains(long high, long low) {
    int from = 0;
    int to = highs.length;
    while (from < to) { // what begins at or below the address is before from
      int middle = (from + to) >>> 1;
      if (compare(highs[middle], lows[middle], high, low) <= 0) {
        from = middle + 1;
      } else {
        to = middle;
      }
    }
    return from > 0 && isEqual(highs[from - 1], lows[from - 1], prefixes[from - 1], high, low);
  }

  /** Tells whether the first bits of two numbers are equal. */
  private static boolean isEqual(long high, long low, int bits, long otherHigh, long otherLow) {
    return bits <= 64
        ? bits == 0 || (high ^ otherHigh) >>> (64 - bits) == 0
        : high == otherHigh && (bits == 64 || (low ^ otherLow) >>> (128 - bits) == 0);
  }

  private static int compare(long high, long low, long otherHigh, long otherLow) {
    int order = Long.compareUnsigned(high, otherHigh);
    return order != 0 ? order : Long.compareUnsigned(low, otherLow);
  }
}
