package dev.ingest.examples;

import java.io.IOException;
import java.io.InputStream;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.cert.Certificate;
import java.security.cert.CertificateFactory;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLParameters;
import javax.net.ssl.SSLSocket;
import javax.net.ssl.TrustManagerFactory;
import org.jspecify.annotations.Nullable;

/** Sends lines over TLS, to a server whose certificate is trusted and has the host's name. */
final class TlsConnection implements Target.Connection {
  private final SSLSocket socket;

  private TlsConnection(SSLSocket socket) {
    this.socket = socket;
  }

  /**
   * Connects to a server.
   *
   * @param trusted certificates that a server may have, in PEM; null for those of the JDK
   */
  static TlsConnection open(InetSocketAddress server, @Nullable Path trusted) throws IOException {
    try {
      SSLContext context = trusted == null ? SSLContext.getDefault() : context(trusted);
      SSLSocket socket =
          (SSLSocket)
              context.getSocketFactory().createSocket(server.getHostString(), server.getPort());
      try {
        SSLParameters parameters = socket.getSSLParameters();
        parameters.setEndpointIdentificationAlgorithm("HTTPS"); // the JDK checks no name otherwise
        socket.setSSLParameters(parameters);
        socket.startHandshake();
        return new TlsConnection(socket);
      } catch (IOException e) {
        socket.close();
        throw e;
      }
    } catch (GeneralSecurityException e) {
      throw new IOException(e.getMessage(), e);
    }
  }

  private static SSLContext context(Path trusted) throws IOException, GeneralSecurityException {
    KeyStore store = KeyStore.getInstance(KeyStore.getDefaultType());
    store.load(null, null);
    try (InputStream pem = Files.newInputStream(trusted)) {
      for (Certificate any : CertificateFactory.getInstance("X.509").generateCertificates(pem)) {
        store.setCertificateEntry("trusted-" + store.size(), any);
      }
    }
    TrustManagerFactory trust =
        TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
    trust.init(store);
    SSLContext context = SSLContext.getInstance("TLS");
    context.init(null, trust.getTrustManagers(), null);
    return context;
  }

  @Override
  public void send(byte[] reading) throws IOException {
    socket.getOutputStream().write(Target.line(reading));
  }

  @Override
  public void close() throws IOException {
    socket.close();
  }
}
