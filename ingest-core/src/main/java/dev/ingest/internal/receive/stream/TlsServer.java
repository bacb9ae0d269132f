package dev.ingest.internal.receive.stream;

import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.util.Arrays;
import java.util.Set;
import java.util.stream.Stream;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.SSLException;
import javax.net.ssl.SSLParameters;

/** What the TLS connections of a source share: the settings, and the buffers of the receiver. */
final class TlsServer {
  private static final Set<String> PROTOCOLS = Set.of("TLSv1.3", "TLSv1.2");

  private final SSLContext context;
  private final SSLParameters parameters;
  private final String[] protocols;
  private final ByteBuffer network;
  private final ByteBuffer out;
  private final int moreData;

  /**
   * Makes the buffers.
   *
   * @throws IllegalStateException if the context is not initialized
   * @throws IllegalArgumentException if the parameters cannot be used
   */
  TlsServer(SSLContext context, SSLParameters parameters) {
    this.context = context;
    this.parameters = parameters;
    SSLEngine engine = context.createSSLEngine();
    String[] allowed = parameters.getProtocols();
    protocols =
        Stream.of(allowed == null ? engine.getSupportedProtocols() : allowed)
            .filter(PROTOCOLS::contains)
            .toArray(String[]::new);
    if (protocols.length == 0) {
      throw new IllegalArgumentException("it speaks " + Arrays.toString(allowed));
    }
    configure(engine);
    int record = engine.getSession().getPacketBufferSize();
    network = ByteBuffer.allocate(record + Lines.READ_BYTES);
    out = ByteBuffer.allocate(record);
    moreData = record + engine.getSession().getApplicationBufferSize();
  }

  private void configure(SSLEngine engine) {
    engine.setUseClientMode(false);
    engine.setSSLParameters(parameters);
    engine.setEnabledProtocols(protocols);
  }

  /** Begins the handshake of a connection. */
  Tls accept(SocketChannel channel) throws SSLException {
    SSLEngine engine = context.createSSLEngine();
    configure(engine);
    engine.beginHandshake();
    return new Tls(engine, channel, this);
  }

  /** Returns the buffer for what comes: for one reading, and a record that has come in part. */
  ByteBuffer network() {
    return network;
  }

  /** Returns the buffer for what the engine sends: for one record. */
  ByteBuffer out() {
    return out;
  }

  /** Returns how many bytes one reading may give at most besides {@link Lines#READ_BYTES}. */
  int moreData() {
    return moreData;
  }
}
