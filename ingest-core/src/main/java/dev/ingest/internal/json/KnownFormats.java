package dev.ingest.internal.json;

import java.util.Optional;

/** Tells by its first bytes what a message is that is no JSON, so that a rejection can say so. */
final class KnownFormats {
  private KnownFormats() {}

  /** Returns what the message seems to be, and what to do; empty if that is not known. */
  static Optional<String> describe(byte[] bytes, int offset, int length) {
    int first = byteAt(bytes, offset, length, 0);
    int second = byteAt(bytes, offset, length, 1);
    if (first == 0x1f && second == 0x8b) { // RFC 1952, 2.3.1
      return Optional.of(
          "it begins like gzip: send it uncompressed, or set Unwrap.gzip(...) on the source");
    }
    if (first == 0x78 && second >= 0 && (first << 8 | second) % 31 == 0) { // RFC 1950, 2.2
      return Optional.of(
          "it begins like zlib: send it uncompressed, or set Unwrap.zlib(...) on the source");
    }
    if (first == 0x1e && second == 0x0f) { // the magic bytes of chunked GELF
      return Optional.of("it begins like a chunk of GELF: send each record whole, without chunks");
    }
    if ((first == 0xfe && second == 0xff) || (first == 0xff && second == 0xfe)) {
      return Optional.of("it begins with a byte order mark of UTF-16: send UTF-8");
    }
    if (first == '<' && isPriority(bytes, offset + 1, length - 1)) { // RFC 5424, 6.2.1
      return Optional.of(
          "it begins with a syslog header: send the JSON alone, or set Unwrap.syslog() on the source");
    }
    return Optional.empty();
  }

  /** Tells whether the message is known to be no text, so that it has no lines. */
  static boolean isBinary(byte[] bytes, int offset, int length) {
    return length > 0 && bytes[offset] != '<' && describe(bytes, offset, length).isPresent();
  }

  private static boolean isPriority(byte[] bytes, int offset, int length) {
    int digits = 0;
    while (digits < Math.min(3, length) && Character.isDigit((char) bytes[offset + digits])) {
      digits++;
    }
    return digits > 0 && digits < length && bytes[offset + digits] == '>';
  }

  private static int byteAt(byte[] bytes, int offset, int length, int index) {
    return index < length ? bytes[offset + index] & 0xff : -1;
  }
}
