package dev.ingest.internal.batch;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.ingest.internal.log.Addresses;
import dev.ingest.record.RecordBatch;
import dev.ingest.record.Schema;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.function.Executable;

class RowsTest {
  private static final InetSocketAddress SOURCE =
      new InetSocketAddress(InetAddress.getLoopbackAddress(), 4711);

  private final Batch batch =
      new Batch(Schema.builder("t").integer("id").text("name").optional().build());

  @Test
  void a_slice_of_a_slice_reads_its_own_rows() {
    fill(200);
    Rows slice = batch.all().slice(50, 150).slice(10, 20);
    assertEquals(10, slice.size());
    assertEquals(60, slice.getLong(0, 0));
    assertEquals("n69", slice.getString(9, 1));
    assertTrue(slice.isNull(3, 1));
    assertArrayEquals("row 60;".getBytes(StandardCharsets.UTF_8), slice.json(0));
    assertEquals(Addresses.toText(SOURCE), slice.source(0));
    assertEquals(200, batch.all().size());
  }

  @Test
  void rows_outside_the_batch_are_refused() {
    fill(3);
    RecordBatch slice = batch.all().slice(1, 2);
    for (Executable read :
        new Executable[] {
          () -> slice.getLong(1, 0),
          () -> slice.getLong(-1, 0),
          () -> slice.getLong(0, 2),
          () -> slice.isNull(1, 1),
          () -> slice.slice(0, 2),
          () -> slice.slice(0, 0),
          () -> slice.slice(-1, 1)
        }) {
      assertThrows(IndexOutOfBoundsException.class, read);
    }
  }

  @Test
  void a_getter_of_another_type_and_a_null_are_refused_by_name() {
    fill(4);
    RecordBatch rows = batch.all();
    for (Executable read :
        new Executable[] {
          () -> rows.getDouble(0, 0), () -> rows.getString(0, 0), () -> rows.getBoolean(0, 0),
        }) {
      assertTrue(assertThrows(IllegalStateException.class, read).getMessage().contains("'id'"));
    }
    assertTrue(
        assertThrows(IllegalStateException.class, () -> rows.getString(3, 1))
            .getMessage()
            .contains("'name' of row 3 is null"));
  }

  @Test
  void arrivals_that_the_schema_does_not_keep_are_refused_with_the_remedy() {
    fill(1);
    RecordBatch rows = batch.all();
    assertEquals(
        "schema 't' has no field for sender(): add one with sender(name)",
        assertThrows(IllegalStateException.class, () -> rows.sender(0)).getMessage());
    assertEquals(
        "schema 't' has no field for receivedAt(): add one with receivedAt(name)",
        assertThrows(IllegalStateException.class, () -> rows.receivedAt(0)).getMessage());
  }

  @Test
  void arrays_that_a_mix_of_messages_has_made_too_long_are_given_back() {
    Schema.Builder schema = Schema.builder("wide").text("text").optional();
    for (int i = 0; i < 100; i++) {
      schema.integer("f" + i).optional();
    }
    Batch mixed = new Batch(schema.build());
    byte[] message = new byte[8_000];
    while (mixed.roomFor(0) > 0) {
      int offset = mixed.append(message, 0, message.length);
      mixed.addRow();
      mixed.commit(null, 0, offset + message.length);
    }
    mixed.clear();
    while (mixed.roomFor(0) > 0) {
      mixed.addRow();
      mixed.setText(0, new char[8_000], 0, 8_000);
      mixed.commit(null, 0, 0);
    }
    assertTrue(mixed.heldBytes() > 2 * BatchMemory.FULL_BYTES, "it is no such mix");
    mixed.clear();
    assertTrue(mixed.heldBytes() < BatchMemory.FULL_BYTES);
    mixed.addRow();
    mixed.setLong(1, 17);
    mixed.commit(null, 0, 0);
    assertEquals(17, mixed.all().getLong(0, 1));
    assertTrue(mixed.all().isNull(0, 2));
  }

  @Test
  void a_cleared_batch_holds_nothing_of_before() {
    fill(100);
    batch.clear();
    assertEquals(0, batch.rows());
    assertEquals(new Batch(batch.schema()).roomFor(0), batch.roomFor(0));
    fill(2);
    assertEquals(2, batch.all().size());
    assertEquals("n1", batch.all().getString(1, 1));
  }

  /** Rows of their number and a name; every row that ends in 3 has none. */
  private void fill(int rows) {
    for (int i = 0; i < rows; i++) {
      byte[] payload = ("row " + i + ";").getBytes(StandardCharsets.UTF_8);
      int offset = batch.append(ByteBuffer.wrap(payload));
      batch.addRow();
      batch.setLong(0, i);
      if (i % 10 != 3) {
        char[] name = ("n" + i).toCharArray();
        batch.setText(1, name, 0, name.length);
      }
      batch.setPayload(0, offset, payload.length);
      batch.commit(SOURCE, 0, offset + payload.length);
    }
  }
}
