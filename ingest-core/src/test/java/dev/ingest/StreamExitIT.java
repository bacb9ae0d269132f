package dev.ingest;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.ingest.testing.ChildJvm;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Second JVMs with little memory that receive streams. */
class StreamExitIT {
  @TempDir Path directory;

  private ChildJvm start() {
    return ChildJvm.in(directory).start(StreamProgram.class, "stored.txt");
  }

  private static InetSocketAddress address(ChildJvm jvm) {
    int port = Integer.parseInt(jvm.awaitOut("^port (\\d+)\nup$").group(1));
    return new InetSocketAddress(InetAddress.getLoopbackAddress(), port);
  }

  private List<Long> stored() throws IOException {
    return Files.readAllLines(directory.resolve("stored.txt")).stream().map(Long::valueOf).toList();
  }

  private boolean hasStored(long id) throws IOException {
    Path file = directory.resolve("stored.txt");
    return Files.exists(file) && Files.readString(file).contains(id + "\n");
  }

  @Test
  void a_signal_in_mid_stream_stores_a_beginning_of_what_was_sent() throws Exception {
    try (ChildJvm jvm = start();
        Client client = new Client(address(jvm))) {
      long[] sent = {0};
      Thread sender =
          new Thread(
              () -> {
                try {
                  while (true) {
                    client.sendEvents(sent[0], sent[0] + 100);
                    sent[0] += 100;
                  }
                } catch (IOException e) {
                  // The server has closed the connection.
                }
              });
      sender.start();
      Ledgers.await(() -> hasStored(10_000));
      jvm.signal("TERM");
      assertEquals(143, jvm.exitStatus(), jvm::toString);
      TestServers.join(sender);
      List<Long> stored = stored();
      assertEquals(LongStream.range(0, stored.size()).boxed().toList(), stored);
      assertTrue(stored.size() <= sent[0] + 100);
      jvm.awaitOut("decoded=" + stored.size() + ",.*lost=0");
    }
  }

  @Test
  void a_line_that_is_longer_than_the_memory_is_skipped() throws Exception {
    try (ChildJvm jvm = start();
        Client client = new Client(address(jvm));
        Client other = new Client(address(jvm))) {
      byte[] part = new byte[1 << 20];
      Arrays.fill(part, (byte) 'x');
      for (int i = 0; i < 300; i++) {
        client.send(part);
        if (i == 150) {
          other.sendEvents(1, 2);
          Ledgers.await(() -> hasStored(1));
        }
      }
      client.send("\n").sendEvents(2, 3);
      Ledgers.await(() -> hasStored(2));
      jvm.signal("TERM");
      assertEquals(143, jvm.exitStatus(), jvm::toString);
      jvm.awaitOut("OVERSIZED=1");
    }
  }
}
