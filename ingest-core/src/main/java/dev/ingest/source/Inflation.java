package dev.ingest.source;

import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.zip.CRC32;
import java.util.zip.DataFormatException;
import java.util.zip.Inflater;

/** Decompresses gzip (RFC 1952) and zlib (RFC 1950), up to a length. */
final class Inflation implements Unwrap {
  /** What is inside. */
  enum Format {
    GZIP,
    ZLIB;

    @Override
    public String toString() {
      return this == GZIP ? "gzip" : "zlib";
    }
  }

  // Of the header of gzip (RFC 1952, 2.3).
  private static final int HEADER_BYTES = 10;
  private static final int TRAILER_BYTES = 8;
  private static final int FLAGS = 3;
  private static final int HEADER_CRC = 2;
  private static final int EXTRA = 4;
  private static final int NAME = 8;
  private static final int COMMENT = 16;
  private static final int RESERVED = 0xe0;
  private static final int DEFLATE = 8;

  /** The length of the buffer at first; it grows to the longest message. */
  private static final int FIRST_BYTES = 1 << 12;

  private final Format format;
  private final int maxBytes;
  private final Inflater inflater;
  private final CRC32 crc = new CRC32();
  private byte[] out = new byte[FIRST_BYTES];
  private int filled;

  Inflation(Format format, int maxBytes) {
    this.format = format;
    this.maxBytes = SourceChecks.inRange("maxBytes", maxBytes, 1, MAX_BYTES);
    this.inflater = new Inflater(format == Format.GZIP);
  }

  @Override
  public ByteBuffer unwrap(ByteBuffer message) throws UnwrapException {
    filled = 0;
    ByteBuffer in = message.duplicate();
    do {
      if (format == Format.GZIP) {
        skipHeader(in);
      }
      int start = filled;
      inflate(in);
      if (format == Format.GZIP) {
        checkTrailer(in, start);
      }
    } while (format == Format.GZIP && in.hasRemaining() && in.get(in.position()) != 0);
    while (in.hasRemaining()) {
      if (in.get() != 0) {
        throw failed("something follows its end: expected nothing, or zeros");
      }
    }
    return ByteBuffer.wrap(out, 0, filled);
  }

  private void inflate(ByteBuffer in) throws UnwrapException {
    inflater.reset();
    inflater.setInput(in);
    try {
      while (!inflater.finished()) {
        if (filled == out.length) {
          grow();
        }
        int count = inflater.inflate(out, filled, out.length - filled);
        filled += count;
        if (filled > maxBytes) {
          throw failed(
              "more than "
                  + maxBytes
                  + " bytes come out: send less at once, or raise the limit of Unwrap."
                  + format
                  + "()");
        }
        if (inflater.needsDictionary()) {
          throw failed("it needs a dictionary: expected one without");
        }
        if (count == 0 && inflater.needsInput() && !inflater.finished()) {
          throw failed("it ends early, and is cut off");
        }
      }
    } catch (DataFormatException e) {
      throw failed("it is damaged: " + e.getMessage());
    }
  }

  /** Makes room for at least one byte more than may come out. */
  private void grow() {
    out = Arrays.copyOf(out, Math.min(2 * out.length, maxBytes + 1));
  }

  private void skipHeader(ByteBuffer in) throws UnwrapException {
    int start = in.position();
    if (in.remaining() < HEADER_BYTES
        || in.get(start) != (byte) 0x1f
        || in.get(start + 1) != (byte) 0x8b
        || in.get(start + 2) != DEFLATE) {
      throw failed("it has no header of gzip: expected the bytes 1f 8b 08 first");
    }
    int flags = in.get(start + FLAGS);
    if ((flags & RESERVED) != 0) {
      throw failed("its header has flags that RFC 1952 does not know");
    }
    in.position(start + HEADER_BYTES);
    if ((flags & EXTRA) != 0) {
      skip(in, next(in) | next(in) << Byte.SIZE);
    }
    if ((flags & NAME) != 0) {
      skipText(in);
    }
    if ((flags & COMMENT) != 0) {
      skipText(in);
    }
    if ((flags & HEADER_CRC) != 0) {
      skip(in, 2);
    }
  }

  private void skipText(ByteBuffer in) throws UnwrapException {
    while (next(in) != 0) {
      // the text ends with a zero
    }
  }

  private int next(ByteBuffer in) throws UnwrapException {
    skip(in, 1);
    return in.get(in.position() - 1) & 0xff;
  }

  private void skip(ByteBuffer in, int bytes) throws UnwrapException {
    if (in.remaining() < bytes) {
      throw failed("it ends early, and is cut off");
    }
    in.position(in.position() + bytes);
  }

  private void checkTrailer(ByteBuffer in, int start) throws UnwrapException {
    int at = in.position();
    skip(in, TRAILER_BYTES);
    crc.reset();
    crc.update(out, start, filled - start);
    if (littleEndian(in, at) != (int) crc.getValue()
        || littleEndian(in, at + Integer.BYTES) != filled - start) {
      throw failed("its checksum or its length is wrong");
    }
  }

  private static int littleEndian(ByteBuffer in, int at) {
    return Integer.reverseBytes(in.duplicate().getInt(at));
  }

  private UnwrapException failed(String why) {
    return new UnwrapException("as " + format + ": " + why);
  }

  @Override
  public String toString() {
    return format.toString();
  }
}
