package dev.ingest.internal.json;

import dev.ingest.internal.batch.Batch;
import dev.ingest.internal.decode.RejectedException;
import dev.ingest.record.Schema;
import java.nio.charset.StandardCharsets;
import java.util.List;

/** Datagrams that lie in a batch, one after the other, and the decoder for them. */
final class Datagrams {
  private final Batch batch;
  private final JsonDecoder decoder;
  private final int[] offsets;
  private final int[] lengths;
  private final int end;
  private int next;

  Datagrams(Schema schema, List<String> datagrams) {
    batch = new Batch(schema);
    decoder = new JsonDecoder(schema);
    offsets = new int[datagrams.size()];
    lengths = new int[datagrams.size()];
    for (int i = 0; i < offsets.length; i++) {
      byte[] bytes = datagrams.get(i).getBytes(StandardCharsets.UTF_8);
      offsets[i] = batch.append(bytes, 0, bytes.length);
      lengths[i] = bytes.length;
    }
    end = offsets[offsets.length - 1] + lengths[lengths.length - 1];
  }

  /** Decodes the next of them, in a circle, and takes its rows back. */
  int decodeNext() throws RejectedException {
    int turn = next;
    next = turn + 1 == offsets.length ? 0 : turn + 1;
    int rows = decoder.decode(batch, offsets[turn], lengths[turn]);
    batch.rollback();
    return rows;
  }

  /** Decodes all of them at once, and takes their rows back. */
  int decodeEach() {
    int rows = decoder.decodeEach(batch, offsets, offsets.length, end);
    batch.rollback();
    if (rows < offsets.length) {
      throw new IllegalStateException(
          "only " + rows + " of " + offsets.length + " datagrams were decoded at once");
    }
    return rows;
  }
}
