package dev.ingest.internal.spool;

import java.io.IOException;
import java.security.SecureRandom;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.regex.Pattern;

/**
 * The names of the segments on a disk.
 *
 * <p>A name is a number, which gives the order, and 16 random hexadecimal digits, which make it
 * unique for ever: a sink remembers which lines of which segment it has stored, and with a name
 * used twice it would mistake new records for stored ones. No clock is involved.
 */
final class SegmentNames {
  static final String FILE_SUFFIX = ".ndjson";
  static final String SETTLED_SUFFIX = ".settled";

  /** A segment that is being written anew, and not yet in place of the old one. */
  static final String REWRITE_SUFFIX = ".rewrite";

  private static final int LEAST_DIGITS = 10;
  private static final Pattern NAME = Pattern.compile("\\d{10,18}-[0-9a-f]{16}");

  /** The last number of 18 digits; segments beyond it all have it, and no order. */
  private static final long LAST = 999_999_999_999_999_999L;

  private static final Comparator<String> ORDER =
      Comparator.comparingLong(SegmentNames::number).thenComparing(Comparator.naturalOrder());

  private final Disk disk;
  private final SecureRandom random = new SecureRandom();
  private long lastNumber;

  SegmentNames(Disk disk) {
    this.disk = disk;
  }

  /** Returns the names of the segments that are there, oldest first. New ones come after these. */
  List<String> whole() throws IOException {
    List<String> names = with(FILE_SUFFIX);
    if (!names.isEmpty()) {
      lastNumber = Math.max(lastNumber, number(names.get(names.size() - 1)));
    }
    return names;
  }

  /** Returns the names of the segments of which a crash has left only the notes. */
  List<String> halfRemoved() throws IOException {
    Set<String> whole = Set.copyOf(with(FILE_SUFFIX));
    return with(SETTLED_SUFFIX).stream().filter(name -> !whole.contains(name)).toList();
  }

  /** Returns the names of the segments that a crash has left half-written anew. */
  List<String> halfRewritten() throws IOException {
    return with(REWRITE_SUFFIX);
  }

  /** Returns the files that look like segments, and are none. */
  List<String> foreign() throws IOException {
    return disk.list().stream()
        .filter(file -> file.endsWith(FILE_SUFFIX) && Character.isDigit(file.charAt(0)))
        .filter(file -> !NAME.matcher(withoutSuffix(file, FILE_SUFFIX)).matches())
        .sorted()
        .toList();
  }

  private List<String> with(String suffix) throws IOException {
    return disk.list().stream()
        .filter(file -> file.endsWith(suffix))
        .map(file -> withoutSuffix(file, suffix))
        .filter(name -> NAME.matcher(name).matches())
        .sorted(ORDER)
        .toList();
  }

  private static String withoutSuffix(String file, String suffix) {
    return file.substring(0, file.length() - suffix.length());
  }

  /** Returns the name of the next segment. */
  String next() {
    lastNumber = Math.min(lastNumber + 1, LAST);
    return String.format(
        Locale.ROOT, "%0" + LEAST_DIGITS + "d-%016x", lastNumber, random.nextLong());
  }

  private static long number(String name) {
    return Long.parseLong(name.substring(0, name.indexOf('-')));
  }

  /** Returns what tells the lines of a segment from those of another: a part of its name. */
  static int salt(String name) {
    return (int) Long.parseUnsignedLong(name.substring(name.indexOf('-') + 1), 16);
  }
}
