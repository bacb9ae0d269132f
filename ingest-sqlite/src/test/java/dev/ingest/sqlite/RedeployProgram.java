package dev.ingest.sqlite;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.ingest.IngestServer;
import dev.ingest.policy.JournalSync;
import dev.ingest.policy.Spooling;
import dev.ingest.record.Schema;
import dev.ingest.source.Tcp;
import dev.ingest.source.Udp;
import java.io.File;
import java.lang.ref.WeakReference;
import java.net.DatagramPacket;
import java.net.DatagramSocket;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;

/**
 * Does what a container does that redeploys an application: loads the library and the application
 * by a class loader of their own, runs a server, and lets go of the loader. Prints what the server
 * stored, and "collected" once the loader is gone. {@code args[0]} is a directory.
 */
public final class RedeployProgram {
  private RedeployProgram() {}

  /** The application. It uses the server on the container's thread. */
  public static final class Application implements Callable<Long> {
    private final Path directory;

    /** For the loader. */
    public Application(String directory) {
      this.directory = Path.of(directory);
    }

    @Override
    public Long call() throws Exception {
      IngestServer server =
          IngestServer.builder()
              .schema(Schema.builder("t").integer("i").sender("sender").build())
              .source(Udp.on(0))
              .source(Tcp.on(0))
              .sink("sqlite:" + directory.resolve("t.db"))
              .spool(Spooling.in(directory.resolve("spool")).journal(JournalSync.EVERY_SECOND))
              .deadLetters(directory.resolve("letters.ndjson"))
              .build()
              .start();
      try (server) {
        send(server.localAddresses());
        while (server.stats().messages().received() < 4) {
          Thread.sleep(1);
        }
      }
      return server.stats().records().persisted();
    }

    private static void send(List<?> addresses) throws Exception {
      for (String message : List.of("{\"i\":1}", "no JSON")) {
        byte[] bytes = message.getBytes(UTF_8);
        try (DatagramSocket socket = new DatagramSocket()) {
          socket.send(
              new DatagramPacket(bytes, bytes.length, (InetSocketAddress) addresses.get(0)));
        }
        InetSocketAddress tcp = (InetSocketAddress) addresses.get(1);
        try (Socket socket = new Socket(tcp.getAddress(), tcp.getPort())) {
          socket.getOutputStream().write(bytes);
        }
      }
    }
  }

  public static void main(String[] args) throws Exception {
    // SQLite's driver runs uname. The JDK's thread that waits for a process stays for a minute and
    // keeps the loader of who started it: here this program.
    new ProcessBuilder("uname").start().waitFor();
    WeakReference<ClassLoader> loader = deploy(args[0]);
    while (!loader.refersTo(null)) {
      System.gc();
      Thread.sleep(10);
    }
    System.out.println("collected");
  }

  private static WeakReference<ClassLoader> deploy(String directory) throws Exception {
    List<URL> urls = new ArrayList<>();
    for (String entry : System.getProperty("java.class.path").split(File.pathSeparator, -1)) {
      urls.add(Path.of(entry).toUri().toURL());
    }
    try (URLClassLoader loader =
        new URLClassLoader(urls.toArray(URL[]::new), ClassLoader.getPlatformClassLoader())) {
      Thread.currentThread().setContextClassLoader(loader);
      Object application =
          loader
              .loadClass(Application.class.getName())
              .getConstructor(String.class)
              .newInstance(directory);
      System.out.println("stored " + ((Callable<?>) application).call());
      return new WeakReference<>(loader);
    } finally {
      Thread.currentThread().setContextClassLoader(ClassLoader.getSystemClassLoader());
    }
  }
}
