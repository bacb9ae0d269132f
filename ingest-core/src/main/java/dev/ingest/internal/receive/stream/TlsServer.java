package dev.ingest.internal.receive.stream;

import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.util.List;
import java.util.stream.Stream;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.SSLException;
import javax.net.ssl.SSLParameters;

/** What the TLS connections of a source share: the settings, and the buffers of the receiver. */
final class TlsServer {
  private static final List<String> PROTOCOLS = List.of("TLSv1.3", "TLSv1.2");

  private final SSLContext context;
  private final SSLParameters parameters;
  private final ByteBuffer network;
  private final ByteBuffer out;
  private final int moreData;

  TlsServer(SSLContext context) {
    this.context = context;
    SSLEngine engine = context.createSSLEngine();
    this.parameters = context.getDefaultSSLParameters();
    parameters.setProtocols(
        Stream.of(engine.getSupportedProtocols())
            .filter(PROTOCOLS::contains)
            .toArray(String[]::new));
    int record = engine.getSession().getPacketBufferSize();
    this.network = ByteBuffer.allocate(record + Lines.READ_BYTES);
    this.out = ByteBuffer.allocate(record);
    this.moreData = record + engine.getSession().getApplicationBufferSize();
  }

  /** Begins the handshake of a connection. */
  Tls accept(SocketChannel channel) throws SSLException {
    SSLEngine engine = context.createSSLEngine();
    engine.setUseClientMode(false);
    engine.setSSLParameters(parameters);
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
