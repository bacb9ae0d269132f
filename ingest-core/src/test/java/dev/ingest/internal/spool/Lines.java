package dev.ingest.internal.spool;

import static java.nio.charset.StandardCharsets.ISO_8859_1;

import java.nio.file.Path;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.zip.CRC32C;

/** Lines of segments, written here as the spool writes them. */
final class Lines {
  private Lines() {}

  /** Returns records, in ISO 8859-1, as lines of a segment, from a number on. */
  static String of(String segment, int first, List<String> records) {
    StringBuilder lines = new StringBuilder();
    int line = first;
    for (String record : records) {
      byte[] record8 = record.getBytes(ISO_8859_1);
      byte[] bytes = Arrays.copyOf(record8, record8.length + LineCheck.LENGTH);
      new LineCheck().append(bytes, 0, record8.length, SegmentNames.salt(segment), line++);
      lines.append(new String(bytes, ISO_8859_1)).append('\n');
    }
    return lines.toString();
  }

  /** Returns a note of settled lines, {@code FIRST COUNT}, with its check. */
  static String note(String segment, String numbers) {
    CRC32C crc = new CRC32C();
    crc.update((segment + " " + numbers).getBytes(ISO_8859_1));
    return numbers + " " + HexFormat.of().toHexDigits((int) crc.getValue());
  }

  /** Returns the name of the segment that has a file. */
  static String segment(Path file) {
    return file.getFileName().toString().replaceFirst("[.].*", "");
  }
}
