package dev.ingest.internal.receive.stream;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.SelectionKey;
import java.nio.channels.SocketChannel;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.SSLEngineResult;
import javax.net.ssl.SSLEngineResult.HandshakeStatus;
import javax.net.ssl.SSLException;
import org.jspecify.annotations.Nullable;

/**
 * The server's side of TLS on one connection. What is read goes through the engine at once, as far
 * as it makes whole TLS records; of the rest the connection keeps a copy. What the engine has to
 * send and the socket does not take waits here, and nothing is read meanwhile; so it is with a task
 * of the handshake until {@link #runTask}.
 */
final class Tls {
  private static final ByteBuffer NOTHING = ByteBuffer.allocate(0);

  /** An alert before the last one, the last one, and one to see that there is no more. */
  private static final int CLOSING_RECORDS = 3;

  /**
   * What a client sends that holds no data, such as key updates (RFC 8446, section 4.6.3), costs
   * many times what its bytes are worth: so many records are free, and more for so much data.
   */
  private static final long FREE_RECORDS_WITHOUT_DATA = 64;

  private static final long BYTES_FOR_RECORD_WITHOUT_DATA = 1_024;

  private final SSLEngine engine;
  private final SocketChannel channel;
  private final TlsServer shared;
  private byte @Nullable [] unread;
  private @Nullable ByteBuffer unsent;
  private boolean established;
  private boolean ended;
  private int received;
  private long bytesOfData;
  private long recordsWithoutData;

  Tls(SSLEngine engine, SocketChannel channel, TlsServer shared) {
    this.engine = engine;
    this.channel = channel;
    this.shared = shared;
  }

  /** Tells whether the handshake has ended. */
  boolean isEstablished() {
    return established;
  }

  /** Tells whether the client has ended the connection by a close_notify. */
  boolean hasEnded() {
    return ended;
  }

  /** Returns what to wait for, as operations of a {@link SelectionKey}. */
  int interest() {
    return unsent != null ? SelectionKey.OP_WRITE : needsTask() ? 0 : SelectionKey.OP_READ;
  }

  boolean needsTask() {
    return engine.getHandshakeStatus() == HandshakeStatus.NEED_TASK;
  }

  /** Runs a task of the handshake, which may take milliseconds. */
  void runTask() {
    Runnable task = engine.getDelegatedTask();
    if (task != null) {
      task.run();
    }
  }

  /** Returns how many bytes the last reading took from the socket; -1 if it has ended. */
  int received() {
    return received;
  }

  /** Reads like {@link Connection#read}. */
  int read(ByteBuffer into) throws IOException {
    received = 0;
    if (!send() || needsTask()) {
      return 0;
    }
    int start = into.position();
    ByteBuffer network = shared.network().clear();
    if (unread != null) {
      network.put(unread);
      unread = null;
    }
    received = channel.read(network);
    network.flip();
    try {
      advance(network, into);
    } catch (RuntimeException e) { // of a provider, about what the client has sent
      throw new SSLException("the TLS provider threw " + e, e);
    }
    if (network.hasRemaining()) {
      unread = new byte[network.remaining()];
      network.get(unread);
    }
    int read = into.position() - start;
    return received < 0 && read == 0 ? -1 : read;
  }

  private boolean send() throws IOException {
    if (unsent != null) {
      channel.write(unsent);
      if (unsent.hasRemaining()) {
        return false;
      }
      unsent = null;
    }
    return true;
  }

  /** Does what the engine needs, until it needs more from the client, or a task. */
  private void advance(ByteBuffer network, ByteBuffer into) throws IOException {
    boolean more = true;
    while (more) {
      HandshakeStatus status = engine.getHandshakeStatus();
      if (status == HandshakeStatus.NEED_TASK || status == HandshakeStatus.NEED_WRAP) {
        refuseRenegotiation();
      }
      more =
          switch (status) {
            case NEED_TASK -> false;
            case NEED_WRAP -> wrap();
            default -> unwrap(network, into);
          };
    }
  }

  private void refuseRenegotiation() throws SSLException {
    if (established && !ended && engine.getSession().getProtocol().equals("TLSv1.2")) {
      throw new SSLException("the client asks to renegotiate: expected one handshake");
    }
  }

  private boolean unwrap(ByteBuffer network, ByteBuffer into) throws SSLException {
    if (!network.hasRemaining()) {
      return false;
    }
    SSLEngineResult result = engine.unwrap(network, into);
    switch (result.getStatus()) {
      case BUFFER_UNDERFLOW -> {
        return false;
      }
      case BUFFER_OVERFLOW -> throw new SSLException("a TLS record is longer than allowed");
      case CLOSED -> ended = true;
      case OK -> countData(result.bytesProduced());
    }
    noteEstablished();
    return result.bytesConsumed() > 0;
  }

  private void countData(int bytes) throws SSLException {
    bytesOfData += bytes;
    if (bytes == 0
        && established
        && ++recordsWithoutData
            > FREE_RECORDS_WITHOUT_DATA + bytesOfData / BYTES_FOR_RECORD_WITHOUT_DATA) {
      throw new SSLException("key updates and empty records: expected more data");
    }
  }

  private void noteEstablished() {
    established |= engine.getHandshakeStatus() == HandshakeStatus.NOT_HANDSHAKING;
  }

  private boolean wrap() throws IOException {
    boolean wasEstablished = established;
    ByteBuffer out = shared.out().clear();
    SSLEngineResult result = engine.wrap(NOTHING, out);
    noteEstablished();
    channel.write(out.flip());
    if (out.hasRemaining()) {
      if (wasEstablished) {
        throw new SSLException("the client does not read what TLS has to send");
      }
      unsent = ByteBuffer.allocate(out.remaining()).put(out).flip();
    }
    return unsent == null && result.bytesProduced() > 0;
  }

  /** Tells the client that the server closes, as far as the socket takes it at once. */
  void close() {
    engine.closeOutbound();
    try {
      for (int i = 0; i < CLOSING_RECORDS && unsent == null && !engine.isOutboundDone(); i++) {
        wrap();
      }
    } catch (IOException | RuntimeException e) {
      // The connection is broken, or the client does not read: it learns nothing.
    }
  }
}
