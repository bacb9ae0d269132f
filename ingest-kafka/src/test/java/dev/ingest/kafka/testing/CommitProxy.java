package dev.ingest.kafka.testing;

import java.io.Closeable;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.ByteBuffer;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import org.apache.kafka.common.protocol.ApiKeys;

/**
 * The network between a sink and a broker, which it can cut during a commit. It passes requests and
 * responses on as they are; each is preceded by its length, and begins with the API's key, its
 * version and a number (the response: with the number), by the <a
 * href="https://kafka.apache.org/protocol">protocol of Kafka</a>.
 */
public final class CommitProxy implements Closeable {
  /** When the network is cut. */
  public enum Cut {
    /** The request to commit does not reach the broker. */
    BEFORE_COMMIT,
    /** The broker commits, and its answer is lost. */
    AFTER_COMMIT,
    /** The request reaches the broker when {@link CommitProxy#deliverLate} is called. */
    LATE_COMMIT
  }

  private interface Late {
    void deliver() throws IOException;
  }

  private final ServerSocket listener;
  private final int brokerPort;
  private final Set<Socket> sockets = ConcurrentHashMap.newKeySet();
  private volatile Cut next;
  private volatile int swallowed = -1;
  private volatile boolean down;
  private volatile Late late = () -> {};

  CommitProxy(int port, int brokerPort) throws IOException {
    this.listener = new ServerSocket(port, 50, InetAddress.getLoopbackAddress());
    this.brokerPort = brokerPort;
    start(this::accept);
  }

  /** Cuts the network during the next commit, until {@link #restore}. */
  public void cutNextCommit(Cut cut) {
    next = cut;
  }

  /** Tells whether the network is cut. */
  public boolean isDown() {
    return down;
  }

  /** Lets connections through again. */
  public void restore() {
    down = false;
  }

  /** Cuts the network now. */
  public void cut() {
    down = true;
    for (Socket socket : sockets) {
      close(socket);
    }
  }

  /** Delivers what {@link Cut#LATE_COMMIT} has kept, as a slow network does. */
  public void deliverLate() throws IOException {
    Late kept = late;
    late = () -> {};
    kept.deliver();
  }

  private void accept() throws IOException {
    while (true) {
      Socket client = listener.accept();
      if (down) {
        client.close();
        continue;
      }
      Socket broker = new Socket(InetAddress.getLoopbackAddress(), brokerPort);
      client.setTcpNoDelay(true);
      broker.setTcpNoDelay(true);
      sockets.add(client);
      sockets.add(broker);
      start(
          () -> {
            try {
              requests(client, broker);
            } finally {
              if (sockets.contains(broker)) {
                close(broker);
              }
            }
          });
      start(() -> responses(broker, client));
    }
  }

  private void requests(Socket client, Socket broker) throws IOException {
    DataInputStream in = new DataInputStream(client.getInputStream());
    DataOutputStream out = new DataOutputStream(broker.getOutputStream());
    while (true) {
      byte[] request = frame(in);
      Cut cut = next;
      if (cut == null || ByteBuffer.wrap(request).getShort(0) != ApiKeys.END_TXN.id) {
        write(out, request);
        continue;
      }
      next = null;
      if (cut == Cut.AFTER_COMMIT) {
        swallowed = ByteBuffer.wrap(request).getInt(4);
        write(out, request);
        continue;
      }
      if (cut == Cut.LATE_COMMIT) {
        sockets.remove(broker); // stays open
        late = () -> deliver(request, broker);
      }
      cut();
    }
  }

  private static void deliver(byte[] request, Socket broker) throws IOException {
    write(new DataOutputStream(broker.getOutputStream()), request);
    while (!broker.isClosed()) { // when the answer is there, since nobody is to get it
      LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(1));
    }
  }

  private void responses(Socket broker, Socket client) throws IOException {
    try (broker;
        client) {
      DataInputStream in = new DataInputStream(broker.getInputStream());
      DataOutputStream out = new DataOutputStream(client.getOutputStream());
      while (true) {
        byte[] response = frame(in);
        if (ByteBuffer.wrap(response).getInt(0) == swallowed) {
          swallowed = -1;
          cut();
        }
        write(out, response);
      }
    } finally {
      sockets.remove(broker);
      sockets.remove(client);
    }
  }

  private static byte[] frame(DataInputStream in) throws IOException {
    byte[] frame = new byte[in.readInt()];
    in.readFully(frame);
    return frame;
  }

  private static void write(DataOutputStream out, byte[] frame) throws IOException {
    ByteBuffer whole = ByteBuffer.allocate(Integer.BYTES + frame.length);
    out.write(whole.putInt(frame.length).put(frame).array());
    out.flush();
  }

  private interface Io {
    void run() throws IOException;
  }

  /** Runs until the connection ends, which is how each of these ends. */
  private static void start(Io io) {
    Thread thread =
        new Thread(
            () -> {
              try {
                io.run();
              } catch (IOException e) {
                // The connection was closed, here or at either end.
              }
            },
            "proxy");
    thread.setDaemon(true);
    thread.start();
  }

  private static void close(Socket socket) {
    try {
      socket.close();
    } catch (IOException e) {
      // It is of no more use.
    }
  }

  @Override
  public void close() throws IOException {
    listener.close();
    cut();
  }
}
