package dev.ingest.examples;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.US_ASCII;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.BitSet;
import java.util.HexFormat;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.zip.CRC32C;

/** The checksums in the files of a spool, as the README describes them. */
final class SpoolFormat {
  /** How long the checksum behind a line is, in bytes. */
  static final int CHECK_BYTES = Integer.SIZE;

  private static final Pattern NOTE = Pattern.compile("(\\d{1,10}) (\\d{1,10}) ([0-9a-f]{8})");

  private SpoolFormat() {}

  /**
   * Returns what stands behind a line: the bits of its CRC-32C, to which the last 8 hexadecimal
   * digits of the segment's name and the line's number are added, with a tab for a one.
   */
  static byte[] check(byte[] line, String segment, int number) {
    int salt = Integer.parseUnsignedInt(segment.substring(segment.length() - 8), 16);
    int check = crc(line) + salt + number;
    byte[] characters = new byte[CHECK_BYTES];
    for (int i = 0; i < CHECK_BYTES; i++) {
      characters[i] = (byte) ((check >>> (CHECK_BYTES - 1 - i) & 1) == 0 ? ' ' : '\t');
    }
    return characters;
  }

  /** Returns which lines of a segment are settled, by the good notes in its file of these. */
  static BitSet settled(Path notes, String segment) throws IOException {
    BitSet settled = new BitSet();
    String text;
    try {
      text = Files.readString(notes, ISO_8859_1);
    } catch (NoSuchFileException e) {
      return settled; // no line was settled, or the segment is gone as well
    }
    for (String line : text.split("\n", -1)) {
      Matcher note = NOTE.matcher(line);
      if (note.matches()) {
        String numbers = note.group(1) + " " + note.group(2);
        int crc = crc((segment + " " + numbers).getBytes(US_ASCII));
        long end = Long.parseLong(note.group(1)) + Long.parseLong(note.group(2));
        if (HexFormat.of().toHexDigits(crc).equals(note.group(3)) && end <= Integer.MAX_VALUE) {
          settled.set(Integer.parseInt(note.group(1)), (int) end);
        }
      }
    }
    return settled;
  }

  private static int crc(byte[] bytes) {
    CRC32C crc = new CRC32C();
    crc.update(bytes);
    return (int) crc.getValue();
  }
}
