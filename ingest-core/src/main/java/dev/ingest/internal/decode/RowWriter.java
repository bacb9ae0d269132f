package dev.ingest.internal.decode;

/**
 * What a decoder does to a batch: it reads the bytes of messages where they lie, and adds rows. The
 * rows count once they are committed, which is the caller's to do.
 */
public interface RowWriter {
  /** What stands between two messages in {@link #payload}. */
  byte SEPARATOR = '\n';

  /** Returns the bytes of all messages; valid until the next message is appended. */
  byte[] payload();

  /** Returns the most rows that one message may have. */
  int maxRows();

  /** Adds a row; its optional fields are null until they are set. */
  void addRow();

  /** Takes the row added last back. */
  void removeRow();

  /** Takes all rows back that were added since the last commit. */
  void removeRows();

  /** Returns the number of rows added since the last commit. */
  int uncommitted();

  /** Sets an INTEGER, a TIMESTAMP in nanoseconds, or a BOOLEAN as 0 or 1, in the row added last. */
  void setLong(int column, long value);

  /** Sets a REAL in the row added last. */
  void setDouble(int column, double value);

  /** Sets a TEXT in the row added last; it has no unpaired surrogates. */
  void setText(int column, char[] chars, int offset, int length);

  /** Sets a TEXT in the row added last to bytes of well-formed UTF-8. */
  void setText(int column, byte[] utf8, int offset, int length);

  /** Sets a JSON in the row added last, to bytes of the payload. */
  void setJson(int column, int offset, int length);

  /** Sets which bytes of the payload a row, counted from the first uncommitted one, came as. */
  void setPayload(int uncommitted, int offset, int length);
}
