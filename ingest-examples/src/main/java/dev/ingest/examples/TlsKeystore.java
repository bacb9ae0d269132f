package dev.ingest.examples;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.UnrecoverableKeyException;
import java.util.Collections;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;
import org.jspecify.annotations.Nullable;

/** Makes what a TLS server needs from a PKCS12 file with its key and its certificate. */
final class TlsKeystore {
  static final String PASSWORD_VARIABLE = "INGEST_TLS_PASSWORD";

  private TlsKeystore() {}

  /**
   * Opens a key store.
   *
   * @param passwordFile null if the environment has the password
   */
  static SSLContext open(Path file, @Nullable Path passwordFile) throws IOException {
    char[] password = password(file, passwordFile);
    try {
      KeyStore store = load(file, password);
      KeyManagerFactory keys =
          KeyManagerFactory.getInstance(KeyManagerFactory.getDefaultAlgorithm());
      keys.init(store, password);
      SSLContext context = SSLContext.getInstance("TLS");
      context.init(keys.getKeyManagers(), null, null);
      return context;
    } catch (GeneralSecurityException e) {
      throw new IOException("cannot use the key store " + file + ": " + e.getMessage(), e);
    }
  }

  private static KeyStore load(Path file, char[] password)
      throws IOException, GeneralSecurityException {
    KeyStore store = KeyStore.getInstance("PKCS12");
    byte[] bytes = read("key store", file);
    try {
      store.load(new ByteArrayInputStream(bytes), password);
    } catch (IOException e) {
      throw new IOException(
          e.getCause() instanceof UnrecoverableKeyException
              ? "the password of the key store " + file + " is wrong"
              : file + " is no key store: expected a PKCS12 file",
          e);
    }
    for (String alias : Collections.list(store.aliases())) {
      if (store.isKeyEntry(alias)) {
        return store;
      }
    }
    throw new IOException(
        "the key store " + file + " has no private key: expected one with its certificate");
  }

  private static char[] password(Path file, @Nullable Path passwordFile) throws IOException {
    @Nullable String password =
        passwordFile == null
            ? System.getenv(PASSWORD_VARIABLE)
            : new String(read("password file", passwordFile), UTF_8).lines().findFirst().orElse("");
    if (password == null) {
      throw new IllegalArgumentException(
          "the key store "
              + file
              + " needs its password: add --tls-password-file FILE, or set "
              + PASSWORD_VARIABLE);
    }
    return password.toCharArray();
  }

  private static byte[] read(String kind, Path file) throws IOException {
    try {
      return Files.readAllBytes(file);
    } catch (NoSuchFileException e) {
      throw new IOException("the " + kind + " " + file + " does not exist", e);
    } catch (IOException e) {
      throw new IOException("cannot read the " + kind + " " + file + ": " + e.getMessage(), e);
    }
  }
}
