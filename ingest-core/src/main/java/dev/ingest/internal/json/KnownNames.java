package dev.ingest.internal.json;

import org.jspecify.annotations.Nullable;
import tools.jackson.core.sym.ByteQuadsCanonicalizer;

/**
 * The symbol table of a parser: the names of a schema, and never any other. Jackson's own table
 * keeps thousands of the names that come and copies itself at each new one, so that a sender could
 * fill the memory with names, or make each of them cost as much as many plain members. Here the
 * parser finds a name of the schema by its bytes, and gets one constant for all others; but those
 * that are not ASCII, or may be too long, it decodes and checks each time.
 *
 * <p>Nothing is ever added, so that all parsers of a decoder can share it. A parser hands names
 * over as ints of four bytes each; a last one of fewer bytes is filled up with bytes FF, which
 * UTF-8 does not have.
 */
final class KnownNames extends ByteQuadsCanonicalizer {
  private final ByteQuadsCanonicalizer known;
  private final int maxNameBytes;
  private final @Nullable String unknown;

  /**
   * Makes a table.
   *
   * @param known has the names of the schema
   * @param maxNameBytes the longest that a name may be; the parser refuses what is longer
   * @param unknown stands for other names; null if {@code known} may lack some, so that each name
   *     that it does not have is decoded
   */
  KnownNames(ByteQuadsCanonicalizer known, int maxNameBytes, @Nullable String unknown) {
    super(0, 0);
    this.known = known;
    this.maxNameBytes = maxNameBytes;
    this.unknown = unknown;
  }

  @Override
  public @Nullable String findName(int quad) {
    String name = known.findName(quad);
    return name == null && isAscii(quad) ? unknown : name;
  }

  @Override
  public @Nullable String findName(int quad, int quad2) {
    String name = known.findName(quad, quad2);
    return name == null && isAscii(quad) && isAscii(quad2) ? unknown : name;
  }

  @Override
  public @Nullable String findName(int quad, int quad2, int quad3) {
    String name = known.findName(quad, quad2, quad3);
    return name == null && isAscii(quad) && isAscii(quad2) && isAscii(quad3) ? unknown : name;
  }

  @Override
  public @Nullable String findName(int[] quads, int count) {
    String name = known.findName(quads, count);
    if (name != null || count * Integer.BYTES > maxNameBytes) {
      return name;
    }
    for (int i = 0; i < count; i++) {
      if (!isAscii(quads[i])) {
        return null;
      }
    }
    return unknown;
  }

  private static boolean isAscii(int quad) {
    for (int rest = quad; rest != 0; rest >>>= Byte.SIZE) {
      int octet = rest & 0xff;
      if (octet >= 0x80 && octet != 0xff) {
        return false;
      }
    }
    return true;
  }

  /**
   * Keeps nothing. Jackson does not call it from version 3.2 on, since this table has no parent.
   */
  @Override
  public String addName(String name, int[] quads, int count) {
    return name;
  }
}
