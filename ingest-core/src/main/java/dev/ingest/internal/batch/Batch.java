package dev.ingest.internal.batch;

import dev.ingest.internal.decode.RowWriter;
import dev.ingest.record.Field;
import dev.ingest.record.FieldType;
import dev.ingest.record.JournalPosition;
import dev.ingest.record.Schema;
import java.net.SocketAddress;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Records in columns, with the bytes they came as. Filled by one thread, handed over through a
 * {@link BatchQueue}, read by another, and used again: after the arrays have grown to the traffic,
 * nothing is allocated.
 *
 * <p>Every cell is a long: an integer or nanoseconds as they are, a double as its bits, a truth
 * value as 0 or 1, a text as offset and length in {@code texts}, JSON and a sender as those in
 * {@code payload}. A message is copied once, to the end of {@code payload}, and decoded there; for
 * each row the batch keeps which bytes were its own, so that a record can be given back exactly as
 * it came.
 *
 * <p>If rows also stand in the spool, the batch knows where: on consecutive lines of a segment.
 *
 * <p>A message's rows are added one by one and count only after {@link #commit}; {@link #rollback}
 * forgets them together with the payload.
 */
public final class Batch implements RowWriter {
  private static final int MOST_ROWS = 4_096;
  private static final int FIRST_ROWS = 64;

  /** How much a row is assumed to need at first; the arrays grow to what rows really need. */
  private static final int BYTES_PER_ROW = 256;

  private final Schema schema;
  private final FieldType[] types;
  private final BatchMemory memory;

  private Cells cells;
  private Texts texts;
  private Payload payload;
  private long[] payloadRange;
  private Arrivals arrivals;
  private int rows;
  private int row = -1;

  private final SpoolPlace place = new SpoolPlace();
  private final Rows all = new Rows(this);

  /** Makes an empty batch for rows of a schema. */
  public Batch(Schema schema) {
    this(schema, MOST_ROWS);
  }

  /** Makes an empty batch that begins small, for at most so many rows. */
  Batch(Schema schema, int batchSize) {
    memory = new BatchMemory(schema, batchSize);
    this.schema = schema;
    types = schema.fields().stream().map(Field::type).toArray(FieldType[]::new);
    allocate();
  }

  private void allocate() {
    int firstRows = Math.min(FIRST_ROWS, memory.maxRows());
    cells = new Cells(schema, firstRows);
    texts = new Texts();
    payload = new Payload(firstRows * BYTES_PER_ROW);
    payloadRange = new long[firstRows];
    arrivals = new Arrivals(schema);
    arrivals.grow(firstRows);
  }

  /**
   * Copies a message, and a separator, to the end of the payload. Several may be there before the
   * first of them is committed.
   *
   * @return where the message begins in the payload
   */
  public int append(ByteBuffer message) {
    return payload.append(message);
  }

  /**
   * Copies a message like {@link #append(ByteBuffer)}, which is compiled for the receiver's kind of
   * buffer: the first replay would make the JVM throw that code away.
   */
  public int append(byte[] bytes, int from, int length) {
    return payload.append(bytes, from, length);
  }

  /** Tells whether a field of the schema is set by the server: when records arrived, from whom. */
  public boolean keepsArrival() {
    return memory.keepsArrival();
  }

  @Override
  public byte[] payload() {
    return payload.bytes();
  }

  @Override
  public void addRow() {
    if (++row == payloadRange.length) {
      grow();
    }
    texts.beginRow();
    cells.beginRow(row);
  }

  @Override
  public void removeRow() {
    row--;
    texts.removeRow();
  }

  private void grow() {
    int capacity = memory.grownRows(payloadRange.length);
    payloadRange = Arrays.copyOf(payloadRange, capacity);
    arrivals.grow(capacity);
    cells.grow(capacity);
  }

  @Override
  public void setLong(int column, long value) {
    cells.set(row, column, value);
  }

  @Override
  public void setDouble(int column, double value) {
    setLong(column, Double.doubleToRawLongBits(value));
  }

  @Override
  public void setText(int column, char[] chars, int offset, int length) {
    setLong(column, texts.append(chars, offset, length));
  }

  @Override
  public void setText(int column, byte[] utf8, int offset, int length) {
    setLong(column, texts.append(utf8, offset, length));
  }

  @Override
  public void setJson(int column, int offset, int length) {
    setLong(column, Cells.range(offset, length));
  }

  @Override
  public void setPayload(int uncommitted, int offset, int length) {
    payloadRange[rows + uncommitted] = Cells.range(offset, length);
  }

  /**
   * Makes the rows added since the last commit count, with the message that ends at an offset.
   *
   * @param from where the message came from; null if it was read back from the spool
   * @param receivedAt when it arrived, in nanoseconds since 1970, if that is kept
   */
  public void commit(@Nullable SocketAddress from, long receivedAt, int messageEnd) {
    arrivals.set(rows, row + 1, from);
    commitRows(receivedAt, messageEnd);
  }

  /**
   * Makes a row count that was read back from a line of the spool with a header.
   *
   * @param line where the line begins in the payload
   * @param headerLength how long its {@link ArrivalHeader} is
   * @param lineEnd where the line ends
   */
  public void commitLine(int line, int headerLength, int lineEnd) {
    commit(null, 0, lineEnd);
    if (keepsArrival()) {
      arrivals.keep(payload, cells, row, line, headerLength);
    }
  }

  /**
   * Makes the rows added since the last commit count, each from a message of its own.
   *
   * @param from where they came from
   * @param first the index in {@code from} of the first of them
   * @param receivedAt when they arrived, as for {@link #commit}
   * @param messagesEnd where the last message ends
   */
  public void commitEach(
      @Nullable SocketAddress[] from, int first, long receivedAt, int messagesEnd) {
    arrivals.set(rows, row + 1, from, first);
    commitRows(receivedAt, messagesEnd);
  }

  private void commitRows(long receivedAt, int messageEnd) {
    payload.commit(messageEnd);
    if (keepsArrival()) {
      arrivals.keep(payload, cells, rows, row + 1, receivedAt);
    }
    rows = row + 1;
    texts.commit();
  }

  @Override
  public void removeRows() {
    row = rows - 1;
    texts.rollback();
  }

  /** Forgets the rows added since the last commit, and their messages. */
  public void rollback() {
    removeRows();
    payload.rollback();
  }

  /** Forgets everything, and gives back arrays that a mix of messages has made too long. */
  public void clear() {
    if (BatchMemory.isTooMuch(heldBytes())) {
      allocate();
    }
    rows = 0;
    payload.commit(0);
    texts.clear();
    arrivals.clear();
    place.clear();
    rollback();
  }

  /** Returns the number of committed rows. */
  public int rows() {
    return rows;
  }

  @Override
  public int uncommitted() {
    return row + 1 - rows;
  }

  @Override
  public int maxRows() {
    return memory.maxRows();
  }

  /** Returns how many bytes the arrays have, whether used or not. */
  int heldBytes() {
    return payload.bytes().length + texts.heldBytes() + memory.rowBytes(cells.capacity());
  }

  /** Tells whether the rows that are not committed yet are more than the batch should take. */
  public boolean isOverfull() {
    return memory.isOverfull(row + 1, payload.end() + texts.bytes());
  }

  /** Returns how many more rows of so many bytes in all the batch takes; 0 if it is full. */
  public int roomFor(int bytes) {
    return memory.room(rows, payload.committedEnd() + texts.committedBytes(), bytes);
  }

  /**
   * Sets that rows stand in the spool, on lines that follow one another.
   *
   * @param name the segment, which stays the same until the batch is cleared
   * @param line the line of the first row
   * @param offset where that line begins, in bytes
   * @param count how many rows, from the first, stand there now
   */
  public void placed(String name, long line, long offset, int count) {
    place.set(name, line, offset, count);
  }

  /** Returns the number of rows, from the first, that stand in the spool. */
  public int onDisk() {
    return place.rows();
  }

  /** Returns where the line of the first row begins in its segment, in bytes. */
  public long firstLineOffset() {
    return place.firstByte();
  }

  /** Returns where a row stands in the spool; empty if it does not. */
  public Optional<JournalPosition> position(int row) {
    return place.position(row);
  }

  /** Returns the committed rows as a sink sees them; at least one. */
  public Rows all() {
    return all.over(0, rows);
  }

  Schema schema() {
    return schema;
  }

  FieldType type(int column) {
    return types[column];
  }

  long cell(int row, int column) {
    return cells.get(row, column);
  }

  boolean isNull(int row, int column) {
    return cells.isNull(row, column);
  }

  /** Returns the text of a cell that is not null. */
  String text(int row, int column) {
    long range = cells.get(row, column);
    return new String(utf8(column), (int) (range >>> 32), (int) range, StandardCharsets.UTF_8);
  }

  /** Returns the text of a cell that is not null, in UTF-8. */
  byte[] utf8(int row, int column) {
    long range = cells.get(row, column);
    int offset = (int) (range >>> 32);
    return Arrays.copyOfRange(utf8(column), offset, offset + (int) range);
  }

  private byte[] utf8(int column) {
    boolean isSender = schema.fields().get(column).origin() == Field.Origin.SENDER;
    return isSender || types[column] == FieldType.JSON ? payload() : texts.utf8();
  }

  /** Returns where the bytes that a row came as begin in the payload. */
  public int payloadOffset(int row) {
    return (int) (payloadRange[row] >>> 32);
  }

  /** Returns how many bytes a row came as. */
  public int payloadLength(int row) {
    return (int) payloadRange[row];
  }

  /** Returns where the {@link ArrivalHeader} of a row begins in the payload, if it has one. */
  public int headerOffset(int row) {
    return (int) (arrivals.header(row) >>> 32);
  }

  /** Returns how long the {@link ArrivalHeader} of a row is; 0 if it has none. */
  public int headerLength(int row) {
    return (int) arrivals.header(row);
  }

  @Nullable SocketAddress sender(int row) {
    return arrivals.sender(row);
  }
}
