package dev.ingest;

import static dev.ingest.Events.array;
import static dev.ingest.Events.event;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.sun.management.ThreadMXBean;
import dev.ingest.policy.OverflowPolicy;
import dev.ingest.source.Udp;
import dev.ingest.stats.IngestStats;
import java.lang.management.ManagementFactory;
import java.net.InetSocketAddress;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Semaphore;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Predicate;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What lies in the kernel's buffer together is read and decoded together. */
@Timeout(300)
class BurstIT {
  private static final int MAX_DATAGRAM_SIZE = 500;

  private static final int UNREAD = 100; // with room for a few that are longer

  private final MemorySink sink = new MemorySink();
  private final CountDownLatch open = new CountDownLatch(1);

  private IngestServerBuilder builder(Predicate<InetSocketAddress> filter) {
    return TestServers.builder(sink)
        .source(Udp.on(0).filter(filter).maxDatagramSize(MAX_DATAGRAM_SIZE));
  }

  /** Holds the receiver up at the first datagram, so that the others gather. */
  private boolean waitUntilOpen() {
    try {
      open.await();
      return true;
    } catch (InterruptedException e) {
      return false;
    }
  }

  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3, 4, 5, 6})
  void bad_datagrams_do_not_affect_the_others_of_a_burst(long seed) throws Exception {
    Random random = new Random(seed);
    List<Long> good = new ArrayList<>();
    int bad = 0;
    int strange = 0;
    int[] stranger = new int[1];
    int capacity = seed % 2 == 0 ? 65_536 : 12; // of three in a batch, the most of a datagram here
    try (IngestServer server =
            builder(source -> waitUntilOpen() && source.getPort() != stranger[0])
                .queueCapacity(capacity)
                .build()
                .start();
        Sender sender = new Sender(server);
        Sender ignored = new Sender(server)) {
      stranger[0] = ignored.localAddress().getPort();
      for (long id = 0; id < UNREAD; id++) {
        switch (random.nextInt(12)) {
          case 0 -> sender.send("{\"id\": " + id);
          case 1 -> sender.send("{\"id\": \"no number\"}");
          case 2 -> sender.send(event(id) + "x");
          case 3 -> sender.send(new byte[] {'{', (byte) 0xc3});
          case 4 -> sender.send(event(id) + " ".repeat(500));
          case 5 -> {
            sender.send(array(id, id + 3));
            good.addAll(List.of(id, id + 1, id + 2));
            bad--;
          }
          case 6 -> {
            sender.send(event(id) + "\n" + event(id + 1));
            good.addAll(List.of(id, id + 1));
            bad--;
          }
          case 7 -> {
            ignored.send(event(id));
            strange++;
            bad--;
          }
          default -> {
            sender.send(event(id));
            good.add(id);
            bad--;
          }
        }
        bad++;
      }
      open.countDown();
      int stored = good.size();
      IngestStats stats =
          Ledgers.await(
              server, s -> s.messages().received() == UNREAD && s.records().persisted() == stored);
      assertEquals(bad, stats.messages().rejected());
      assertEquals(strange, stats.messages().ignored());
    }
    assertEquals(good, sink.stored());
  }

  @Test
  void what_is_rejected_is_counted_before_its_receiver_waits_for_room() throws Exception {
    MemorySink.Gate gate = new MemorySink.Gate();
    try (IngestServer server =
            TestServers.builder(new MemorySink(gate))
                .source(Udp.on(0).filter(source -> waitUntilOpen()))
                .overflowPolicy(OverflowPolicy.BLOCK)
                .queueCapacity(2)
                .build()
                .start();
        Sender sender = new Sender(server)) {
      sender.send(event(0));
      sender.send("bad");
      sender.sendEvents(1, 5);
      open.countDown();
      Ledgers.await(server, stats -> stats.messages().rejected() == 1);
      gate.open();
      Ledgers.await(server, stats -> stats.records().persisted() == 5);
    }
  }

  @Test
  void a_message_that_would_overfill_a_batch_goes_into_the_next_one() throws Exception {
    List<Integer> sizes = Collections.synchronizedList(new ArrayList<>());
    try (IngestServer server =
            TestServers.builder(batch -> sizes.add(batch.size()))
                .source(Udp.on(0).filter(source -> waitUntilOpen()))
                .queueCapacity(1_000)
                .batchSize(10)
                .build()
                .start();
        Sender sender = new Sender(server)) {
      for (int i = 0; i < 10; i++) {
        sender.send(array(6L * i, 6L * i + 6));
      }
      open.countDown();
      Ledgers.await(server, stats -> stats.records().persisted() == 60);
    }
    assertTrue(sizes.stream().allMatch(size -> size <= 10), sizes::toString);
  }

  @Test
  void half_a_record_is_not_completed_by_the_next_datagram() throws Exception {
    try (IngestServer server = builder(source -> waitUntilOpen()).build().start();
        Sender sender = new Sender(server)) {
      sender.send(event(1));
      sender.send("{\"ignored\": [");
      sender.send("{}");
      sender.send("{}], \"id\": 2}");
      sender.send(event(3));
      open.countDown();
      IngestStats stats = Ledgers.await(server, s -> s.messages().received() == 5);
      assertEquals(3, stats.messages().rejected());
      Ledgers.await(server, s -> s.records().persisted() == 2);
    }
    assertEquals(List.of(1L, 3L), sink.stored());
  }

  /** Jackson makes a parser for each burst; what were made for each datagram would show. */
  @Test
  void a_flood_allocates_nothing_for_each_datagram() throws Exception {
    int bursts = 200;
    Thread[] receiver = new Thread[1];
    Semaphore sent = new Semaphore(0);
    AtomicInteger asked = new AtomicInteger();
    try (IngestServer server =
            builder(
                    source -> {
                      receiver[0] = Thread.currentThread();
                      if (asked.getAndIncrement() % UNREAD == 0) {
                        sent.acquireUninterruptibly();
                      }
                      return true;
                    })
                .build()
                .start();
        Sender sender = new Sender(server)) {
      ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
      long end = System.nanoTime() + TestServers.SOON.toNanos();
      long each;
      do { // until the JVM has compiled the receiver: until then it allocates more
        sendBursts(bursts, sender, sent, server);
        long before = threads.getThreadAllocatedBytes(receiver[0].getId());
        sendBursts(bursts, sender, sent, server);
        each = (threads.getThreadAllocatedBytes(receiver[0].getId()) - before) / bursts / UNREAD;
      } while (each >= 100 && System.nanoTime() < end);
      assertTrue(each < 100, each + " bytes for each datagram");
    }
  }

  private static void sendBursts(int bursts, Sender sender, Semaphore sent, IngestServer server)
      throws Exception {
    for (int i = 0; i < bursts; i++) {
      sender.sendEvents(0, UNREAD);
      sent.release();
      Ledgers.await(server, stats -> stats.messages().received() == sender.sent());
    }
  }
}
