package dev.ingest.internal.json;

import dev.ingest.internal.decode.RejectedException;
import dev.ingest.stats.RejectReason;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Takes a message that was rejected apart, so that each record can be decoded by itself: into the
 * elements of an array, and into lines. It counts brackets outside strings, and looks at nothing
 * else of JSON.
 *
 * <p>An object whose bracket closes on a later line is one piece, to the end of that line. To find
 * the bracket it may have to look far ahead, and in vain. So it looks at {@link #LOOKS} times as
 * many bytes as the message has, at most; after that each line is a piece.
 */
final class RecordSplitter {
  private static final int LOOKS = 4;

  /**
   * What may be a record, without white space around it.
   *
   * @param fault why it is none, if that is known already
   */
  record Piece(int start, int end, @Nullable RejectedException fault) {
    int length() {
      return end - start;
    }
  }

  private final byte[] bytes;
  private final int end;
  private final int limit;
  private final List<Piece> pieces = new ArrayList<>();
  private int looks;

  private RecordSplitter(byte[] bytes, int start, int end, int limit) {
    this.bytes = bytes;
    this.end = end;
    this.limit = limit;
    looks = LOOKS * (end - start);
  }

  /** Returns the pieces of a message, in order; one more than the limit if there are more. */
  static List<Piece> split(byte[] bytes, int start, int end, int limit) {
    RecordSplitter splitter = new RecordSplitter(bytes, start, end, limit);
    int first = WhiteSpace.skip(bytes, start, end);
    boolean array = first < end && bytes[first] == '[';
    splitter.splitLines(array ? splitter.splitArray(first + 1) : first);
    return splitter.pieces;
  }

  /** Adds the elements of an array, and what follows it on its line; returns the end of that. */
  private int splitArray(int firstElement) {
    int start = firstElement;
    while (pieces.size() <= limit) {
      int elementEnd = elementEnd(start);
      boolean isEmpty = WhiteSpace.skip(bytes, start, elementEnd) == elementEnd;
      if (elementEnd == end) {
        add(isEmpty ? start - 1 : start, end, malformed("the array does not end: expected ']'"));
        return end;
      }
      boolean isLast = bytes[elementEnd] == ']';
      if (!isEmpty) {
        add(start, elementEnd, null);
      } else if (!isLast || start > firstElement) {
        add(start - 1, elementEnd + 1, malformed("a ',' too many: expected an object"));
      }
      start = elementEnd + 1;
      if (isLast) {
        int lineEnd = lineEnd(start);
        add(start, lineEnd, afterArray());
        return lineEnd;
      }
    }
    return end;
  }

  /**
   * Returns where the comma or the bracket is behind an element of an array; the end if none is.
   */
  private int elementEnd(int start) {
    int depth = 0;
    for (int i = start; i < end; i++) {
      byte b = bytes[i];
      if (depth == 0 && (b == ',' || b == ']')) {
        return i;
      }
      if (b == '"') {
        i = stringEnd(i);
      } else {
        depth = Math.max(0, depth + step(b));
      }
    }
    return end;
  }

  private void splitLines(int firstLine) {
    int start = WhiteSpace.skip(bytes, firstLine, end);
    while (start < end && pieces.size() <= limit) {
      int pieceEnd = lineEnd(bytes[start] == '{' ? objectEnd(start) : start);
      add(start, pieceEnd, null);
      start = WhiteSpace.skip(bytes, pieceEnd, end);
    }
  }

  /** Returns the end of an object; its start if that is not found. */
  private int objectEnd(int start) {
    int depth = 0;
    for (int i = start; i < end && looks > 0; i++) {
      int from = i;
      if (bytes[i] == '"') {
        i = stringEnd(i);
        if (i < end && bytes[i] != '"') {
          return start;
        }
      } else {
        depth += step(bytes[i]);
        if (depth == 0) {
          return i + 1;
        }
      }
      looks -= i + 1 - from;
    }
    return start;
  }

  private static int step(byte b) {
    return switch (b) {
      case '{', '[' -> 1;
      case '}', ']' -> -1;
      default -> 0;
    };
  }

  /**
   * Returns where the quote is that ends a string; or the newline or the end, if that is before.
   */
  private int stringEnd(int start) {
    int i = start + 1;
    while (i < end && bytes[i] != '"' && !WhiteSpace.isNewLine(bytes[i])) {
      i += bytes[i] == '\\' ? 2 : 1;
    }
    return Math.min(i, end);
  }

  private int lineEnd(int start) {
    int i = start;
    while (i < end && !WhiteSpace.isNewLine(bytes[i])) {
      i++;
    }
    return i;
  }

  /** Adds a piece without the white space around it, if anything is left. */
  private void add(int from, int to, @Nullable RejectedException fault) {
    int start = WhiteSpace.skip(bytes, from, to);
    if (start < to) {
      pieces.add(new Piece(start, WhiteSpace.trim(bytes, start, to), fault));
    }
  }

  private static RejectedException malformed(String detail) {
    return new RejectedException(RejectReason.MALFORMED_JSON, detail);
  }

  /** Returns the rejection of what follows an array. */
  static RejectedException afterArray() {
    return new RejectedException(
        RejectReason.TRAILING_GARBAGE, "something follows the array: expected nothing");
  }
}
