package dev.ingest;

import static dev.ingest.Events.event;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.ingest.source.Udp;
import dev.ingest.stats.IngestStats;
import java.lang.management.ManagementFactory;
import java.lang.management.ThreadMXBean;
import java.net.InetSocketAddress;
import java.util.List;
import java.util.function.Predicate;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class SourceFilterIT {
  private final MemorySink sink = new MemorySink();

  private IngestServer start(Predicate<InetSocketAddress> filter) throws Exception {
    return TestServers.builder(sink).source(Udp.on(0).filter(filter)).build().start();
  }

  @Test
  void datagrams_of_other_sources_are_ignored_and_counted() throws Exception {
    int[] friend = new int[1];
    try (IngestServer server = start(source -> source.getPort() == friend[0]);
        Sender good = new Sender(server);
        Sender bad = new Sender(server)) {
      friend[0] = good.localAddress().getPort();
      bad.send(event(1));
      good.send(event(2));
      bad.send("not even JSON");
      IngestStats stats = Ledgers.await(server, s -> s.messages().received() == 3);
      assertEquals(2, stats.messages().ignored());
      assertEquals(0, stats.messages().rejected());
      Ledgers.await(server, s -> s.records().persisted() == 1);
      assertEquals(List.of(2L), sink.stored());
    }
  }

  @ParameterizedTest
  @ValueSource(classes = {IllegalStateException.class, AssertionError.class})
  void a_datagram_for_which_the_filter_throws_is_ignored(Class<? extends Throwable> kind)
      throws Exception {
    boolean[] broken = {true};
    try (IngestServer server =
            start(
                source -> {
                  if (broken[0] && kind == AssertionError.class) {
                    throw new AssertionError("no");
                  } else if (broken[0]) {
                    throw new IllegalStateException("no");
                  }
                  return true;
                });
        Sender sender = new Sender(server)) {
      sender.send(event(1));
      Ledgers.await(server, stats -> stats.messages().ignored() == 1);
      broken[0] = false;
      sender.send(event(2));
      Ledgers.await(server, stats -> stats.records().persisted() == 1);
    }
  }

  @Test
  void an_interrupt_flag_left_by_the_filter_neither_stops_the_receiver_nor_makes_it_spin()
      throws Exception {
    Thread[] receiver = new Thread[1];
    try (IngestServer server =
            start(
                source -> {
                  receiver[0] = Thread.currentThread();
                  Thread.currentThread().interrupt();
                  return true;
                });
        Sender sender = new Sender(server)) {
      sender.send(event(1));
      Ledgers.await(server, stats -> stats.records().persisted() == 1);
      sender.send(event(2));
      Ledgers.await(server, stats -> stats.records().persisted() == 2);
      ThreadMXBean threads = ManagementFactory.getThreadMXBean();
      long id = receiver[0].getId();
      long before = threads.getThreadCpuTime(id);
      long until = System.nanoTime() + 200_000_000;
      Ledgers.await(() -> System.nanoTime() > until);
      long spent = threads.getThreadCpuTime(id) - before;
      assertTrue(spent < 50_000_000, () -> "an idle receiver spent " + spent + " ns in 0.2 s");
    }
  }
}
