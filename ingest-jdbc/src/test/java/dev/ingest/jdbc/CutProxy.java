package dev.ingest.jdbc;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.util.Arrays;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
import org.jspecify.annotations.Nullable;

/**
 * A network between a sink and its server, which can be cut and frozen. Passes bytes between each
 * connection that it accepts and one that it makes to the server.
 */
final class CutProxy implements AutoCloseable {
  /** Where bytes go. */
  enum Towards {
    SERVER,
    CLIENT
  }

  /**
   * A cut that is to come.
   *
   * @param left how many bytes pass before it
   */
  private record Cut(Towards towards, int left) {}

  private final ServerSocket listener = new ServerSocket(0, 50, InetAddress.getLoopbackAddress());
  private final int serverPort;
  private final List<Link> links = new CopyOnWriteArrayList<>();
  private final Map<Towards, ByteArrayOutputStream> seen = new EnumMap<>(Towards.class);
  private @Nullable Cut cut;
  private boolean holdsNext;
  private boolean isFrozen;

  CutProxy(int serverPort) throws IOException {
    this.serverPort = serverPort;
    forgetSeen();
    daemon(this::accept);
  }

  int port() {
    return listener.getLocalPort();
  }

  /** Passes nothing on any more, and keeps it. */
  synchronized void freeze() {
    isFrozen = true;
  }

  /** Passes all on again. */
  synchronized void thaw() {
    isFrozen = false;
    notifyAll();
  }

  /** Cuts each link. New ones are made as before. */
  void cut() {
    links.forEach(Link::cut);
    links.clear();
  }

  /** Cuts the link on which the next bytes come, after so many in one direction; once. */
  synchronized void cutAfter(int bytes, Towards towards) {
    cut = new Cut(towards, bytes);
  }

  /** Tells whether a cut is still to come. */
  synchronized boolean isToCut() {
    return cut != null || holdsNext;
  }

  /**
   * Keeps what comes next for the server, and ends that connection for the client alone: what it
   * has sent is still on its way, until {@link #release}.
   */
  synchronized void holdNext() {
    holdsNext = true;
  }

  /** Passes on what was kept, and then its end. What the server answers goes nowhere. */
  void release() throws IOException {
    for (Link link : links) {
      link.release();
    }
  }

  /** Forgets what has passed so far. */
  synchronized void forgetSeen() {
    for (Towards towards : Towards.values()) {
      seen.put(towards, new ByteArrayOutputStream());
    }
  }

  /** Returns what has passed. */
  synchronized byte[] seen(Towards towards) {
    return seen.get(towards).toByteArray();
  }

  private synchronized void awaitThaw() {
    while (isFrozen) {
      try {
        wait();
      } catch (InterruptedException e) {
        throw new AssertionError(e);
      }
    }
  }

  private synchronized boolean isToHold(Towards towards) {
    boolean held = holdsNext && towards == Towards.SERVER;
    holdsNext &= !held;
    return held;
  }

  /** Returns how many of the bytes pass: fewer than all, or as many as are left, before a cut. */
  private synchronized int admit(Towards towards, byte[] bytes, int count) {
    int admitted = count;
    Cut coming = cut;
    if (coming != null && coming.towards == towards) {
      admitted = Math.min(count, coming.left);
      cut = new Cut(towards, coming.left - admitted);
    }
    seen.get(towards).write(bytes, 0, admitted);
    return admitted;
  }

  private synchronized boolean isDue() {
    boolean due = cut != null && cut.left == 0;
    if (due) {
      cut = null;
    }
    return due;
  }

  private void accept() throws IOException {
    while (true) {
      Socket client = listener.accept();
      try {
        Link link = new Link(client, new Socket(InetAddress.getLoopbackAddress(), serverPort));
        links.add(link);
        daemon(() -> link.pass(link.client, link.server, Towards.SERVER));
        daemon(() -> link.pass(link.server, link.client, Towards.CLIENT));
      } catch (IOException e) {
        client.close(); // there is no server now
      }
    }
  }

  /** A connection of the client and the one to the server that belongs to it. */
  private final class Link {
    private final Socket client;
    private final Socket server;
    private byte @Nullable [] held;

    Link(Socket client, Socket server) throws IOException {
      this.client = client;
      this.server = server;
      client.setTcpNoDelay(true);
      server.setTcpNoDelay(true);
    }

    void pass(Socket from, Socket to, Towards towards) throws IOException {
      byte[] bytes = new byte[1 << 16];
      int count;
      try {
        while ((count = from.getInputStream().read(bytes)) > 0) {
          awaitThaw();
          if (isToHold(towards)) {
            hold(Arrays.copyOf(bytes, count));
            return;
          }
          if (!isHeld()) {
            to.getOutputStream().write(bytes, 0, admit(towards, bytes, count));
          }
          if (isDue()) {
            return;
          }
        }
      } finally {
        awaitThaw(); // an end does not pass either
        if (!isHeld()) {
          cut();
        }
      }
    }

    private synchronized boolean isHeld() {
      return held != null;
    }

    private synchronized void hold(byte[] bytes) throws IOException {
      held = bytes;
      client.close();
    }

    synchronized void release() throws IOException {
      if (held != null) {
        server.getOutputStream().write(held);
        server.shutdownOutput();
      }
    }

    void cut() {
      try {
        client.close();
        server.close();
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    }
  }

  private interface Passing {
    void run() throws IOException;
  }

  private static void daemon(Passing passing) {
    Thread thread =
        new Thread(
            () -> {
              try {
                passing.run();
              } catch (IOException e) {
                // A side has ended, or the proxy is closed.
              }
            },
            "proxy");
    thread.setDaemon(true);
    thread.start();
  }

  @Override
  public void close() throws IOException {
    thaw();
    listener.close();
    cut();
  }
}
