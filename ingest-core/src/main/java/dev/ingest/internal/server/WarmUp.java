package dev.ingest.internal.server;

import dev.ingest.internal.batch.Batch;
import dev.ingest.internal.batch.BatchQueue;
import dev.ingest.internal.custody.Custody;
import dev.ingest.internal.custody.ReceiverCustody;
import dev.ingest.internal.deadletter.DeadLetters;
import dev.ingest.internal.decode.RejectedException;
import dev.ingest.internal.intake.BatchAccumulator;
import dev.ingest.internal.intake.FlushRequests;
import dev.ingest.internal.intake.Intake;
import dev.ingest.internal.intake.MessageRules;
import dev.ingest.internal.intake.Messages;
import dev.ingest.internal.json.JsonDecoder;
import dev.ingest.internal.json.MadeUpRecord;
import dev.ingest.internal.ledger.Ledger;
import dev.ingest.policy.OverflowPolicy;
import dev.ingest.policy.RejectUnit;
import dev.ingest.record.Schema;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Arrays;

/**
 * Takes in made-up records as a receiver does, so that the JVM has loaded and compiled the way from
 * a message to a batch before the first datagram comes, and knows that batches become full, of
 * records or of bytes. Otherwise a flood that meets a cold server overflows the kernel's buffer
 * while the decoder is interpreted; and one that meets a server which has seen a trickle only,
 * while the JVM throws away what it has compiled for that.
 */
final class WarmUp {
  private static final int ROUNDS = 2_500;

  /** Every so often datagrams come that are so long that a few of them fill a batch. */
  private static final int LONG_EVERY = 500;

  private static final int LONG_BYTES = 1 << 17;

  /** So many looks a round are enough for the JVM to compile what each does besides decoding. */
  private static final int LOOKS = 3;

  private static final int BATCH_SIZE = 10;
  private static final Duration LINGER = Duration.ofMillis(1);

  private WarmUp() {}

  /** Takes records of a schema in; takes some tenths of a second of processor time. */
  static void run(Schema schema) {
    String plain = MadeUpRecord.of(schema);
    if (!isDecoded(schema, plain)) {
      return; // Fields whose paths contradict one another, which only some records have.
    }
    Messages[] looks = {new Datagrams(plain), new Datagrams(MadeUpRecord.notPlain(schema))};
    Ledger ledger = new Ledger();
    ReceiverCustody custody = new Custody(ledger, null, 1, failure -> {}).receiver(0);
    BatchQueue queue = new BatchQueue(schema, 2 * BATCH_SIZE, BATCH_SIZE, 1);
    BatchAccumulator accumulator =
        new BatchAccumulator(queue, custody, OverflowPolicy.BLOCK, LINGER, new FlushRequests(1), 0);
    MessageRules rules = new MessageRules(Integer.MAX_VALUE, "", RejectUnit.DATAGRAM, null);
    Intake intake =
        new Intake(
            new JsonDecoder(schema), accumulator, ledger, DeadLetters.NONE, custody.disk(), rules);
    Messages longLook = new Datagrams(plain + " ".repeat(LONG_BYTES));
    for (int i = 1; i <= ROUNDS; i++) {
      intake.take(i % LONG_EVERY == 0 ? longLook : looks[i % looks.length]);
      for (int look = 0; look < LOOKS; look++) {
        intake.flush();
        intake.handOverIfDue();
      }
      Batch full;
      while ((full = queue.evict()) != null) {
        queue.recycle(full);
      }
    }
  }

  private static boolean isDecoded(Schema schema, String record) {
    Batch batch = new Batch(schema);
    byte[] bytes = record.getBytes(StandardCharsets.UTF_8);
    try {
      return new JsonDecoder(schema)
              .decode(batch, batch.append(bytes, 0, bytes.length), bytes.length)
          > 0;
    } catch (RejectedException e) {
      return false;
    }
  }

  /** The same datagram some times, each time it is looked at. */
  private static final class Datagrams implements Messages {
    private static final int COUNT = 4;

    private final InetSocketAddress[] senders = new InetSocketAddress[COUNT];
    private final ByteBuffer datagram;

    Datagrams(String record) {
      byte[] bytes = record.getBytes(StandardCharsets.UTF_8);
      // As the receiver's: code that is compiled for another kind would be thrown away.
      datagram = ByteBuffer.allocateDirect(bytes.length).put(bytes);
      Arrays.fill(senders, InetSocketAddress.createUnresolved("nobody", 0));
    }

    @Override
    public int count() {
      return COUNT;
    }

    @Override
    public int maxBytes() {
      return COUNT * datagram.capacity();
    }

    @Override
    public ByteBuffer message(int index) {
      return datagram.rewind();
    }

    @Override
    public SocketAddress sender(int index) {
      return senders[index];
    }

    @Override
    public SocketAddress[] senders() {
      return senders;
    }
  }
}
