package dev.ingest;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.ingest.source.Udp;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.Writer;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.LongStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;

/** A UDP socket that a parent process holds, over the lives of several servers. */
@EnabledOnOs(OS.LINUX) // looks into /proc
class InheritedIT {
  @TempDir Path directory;

  /** The parent: a Perl program, since Java cannot hand a socket over. */
  private final class Holder implements AutoCloseable {
    private final Process process;
    private final BufferedReader out;
    private final Writer in;

    Holder() throws IOException {
      process =
          new ProcessBuilder(
                  "perl",
                  resource().toString(),
                  Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                  "-XX:TieredStopAtLevel=1",
                  "-XX:+UseSerialGC",
                  "-Xmx64m",
                  "--class-path",
                  System.getProperty("java.class.path"),
                  ExitProgram.class.getName(),
                  ExitProgram.INHERITED.name(),
                  stored().toString())
              .redirectErrorStream(true)
              .start();
      out = process.inputReader(UTF_8);
      in = process.outputWriter(UTF_8);
    }

    /** Waits for a line that begins with a word; returns what follows. */
    String await(String word) throws IOException {
      StringBuilder seen = new StringBuilder();
      for (String line = out.readLine(); line != null; line = out.readLine()) {
        if (line.startsWith(word + " ")) {
          return line.substring(word.length() + 1);
        }
        seen.append(line).append('\n');
      }
      throw new AssertionError("no line with " + word + " in\n" + seen);
    }

    /** Starts a server; returns when it receives. */
    ProcessHandle startServer() throws IOException {
      in.write('\n');
      in.flush();
      ProcessHandle server = ProcessHandle.of(Long.parseLong(await("child"))).orElseThrow();
      await("port");
      return server;
    }

    @Override
    public void close() throws IOException {
      process.descendants().forEach(ProcessHandle::destroyForcibly);
      in.close();
      process.destroyForcibly();
    }
  }

  private Path stored() {
    return directory.resolve("stored.txt");
  }

  private static Path resource() {
    return Path.of("src", "test", "resources", "inherited", "holder.pl").toAbsolutePath();
  }

  private static boolean hasPerl() throws InterruptedException {
    try {
      return new ProcessBuilder("perl", "-MSocket", "-MPOSIX", "-e", "1").start().waitFor() == 0;
    } catch (IOException e) {
      return false;
    }
  }

  private void awaitStored(long count) throws IOException {
    Ledgers.await(() -> Files.exists(stored()) && Files.readAllLines(stored()).size() >= count);
    List<Long> numbers = Files.readAllLines(stored()).stream().map(Long::valueOf).toList();
    assertEquals(LongStream.range(0, count).boxed().toList(), numbers);
  }

  private static void signal(String name, ProcessHandle process) throws Exception {
    assertEquals(
        0,
        new ProcessBuilder("kill", "-" + name, "" + process.pid()).inheritIO().start().waitFor());
  }

  /** Tells whether all threads have stopped, which they do some time after the signal. */
  private static boolean isStopped(ProcessHandle process) throws IOException {
    try (Stream<Path> threads = Files.list(Path.of("/proc/" + process.pid() + "/task"))) {
      for (Path thread : threads.toList()) {
        String stat = Files.readString(thread.resolve("stat"));
        if (stat.charAt(stat.lastIndexOf(')') + 2) != 'T') {
          return false;
        }
      }
      return true;
    } catch (NoSuchFileException e) {
      return false; // a thread has ended meanwhile
    }
  }

  @Test
  void what_the_kernel_has_buffered_survives_the_server_that_is_killed() throws Exception {
    Assumptions.assumeTrue(hasPerl(), "needs Perl, as a parent that holds the socket");
    try (Holder holder = new Holder()) {
      int port = Integer.parseInt(holder.await("holds"));
      Sender sender = new Sender(new InetSocketAddress(InetAddress.getLoopbackAddress(), port));

      sender.sendEvents(0, 50); // before the first server
      ProcessHandle first = holder.startServer();
      sender.sendEvents(50, 100);
      awaitStored(100);

      signal("STOP", first);
      Ledgers.await(() -> isStopped(first));
      sender.sendEvents(100, 150); // which it never sees
      signal("KILL", first);
      assertEquals("9", holder.await("ended"));
      sender.sendEvents(150, 200); // while there is no server

      ProcessHandle second = holder.startServer();
      awaitStored(200);
      signal("TERM", second);
      // The account shows that the close has left standard output as it was.
      String account = holder.await("closed");
      assertTrue(account.startsWith("decoded=100 persisted=100 dropped=0 lost=0"), account);
      assertEquals(Integer.toString(143 << 8), holder.await("ended"));
      sender.close();
    }
  }

  @Test
  void a_start_without_such_a_socket_says_what_was_expected() {
    IngestServer server = TestServers.builder(new MemorySink()).source(Udp.inherited()).build();
    IOException e = assertThrows(IOException.class, server::start);
    assertTrue(e.getMessage().contains("standard input is no socket"), e::getMessage);
  }
}
