package dev.ingest.internal.receive.udp;

import java.nio.ByteBuffer;
import java.security.DigestException;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;

/**
 * HMAC-SHA-256 (RFC 2104, section 2) of what lies in a buffer: the hash of the outer pad and the
 * hash of the inner pad and the text. {@code javax.crypto.Mac} would make the same, with an object
 * for each key, and objects for each text. For one thread.
 */
final class Hmac {
  private static final int BLOCK_BYTES = 64;
  private static final int HASH_BYTES = 32;
  private static final byte INNER = 0x36;
  private static final byte OUTER = 0x5c;

  private final MessageDigest sha256;

  /** The inner pad, and behind it the text. */
  private final byte[] inner;

  /** The outer pad, and behind it the inner hash. */
  private final byte[] outer = new byte[BLOCK_BYTES + HASH_BYTES];

  /** Makes it for texts up to a length. */
  Hmac(int maxBytes) {
    inner = new byte[BLOCK_BYTES + maxBytes];
    try {
      sha256 = MessageDigest.getInstance("SHA-256");
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every Java platform has SHA-256", e);
    }
  }

  /**
   * Returns the two pads of a key, one behind the other.
   *
   * @param key at most {@value #BLOCK_BYTES} bytes
   */
  static byte[] pads(byte[] key) {
    byte[] pads = new byte[2 * BLOCK_BYTES];
    System.arraycopy(key, 0, pads, 0, key.length);
    System.arraycopy(key, 0, pads, BLOCK_BYTES, key.length);
    for (int i = 0; i < BLOCK_BYTES; i++) {
      pads[i] ^= INNER;
      pads[BLOCK_BYTES + i] ^= OUTER;
    }
    return pads;
  }

  /**
   * Computes the first bytes of the code.
   *
   * @param pads of the key
   * @param text the text stands from 0 on
   * @param result filled; at most {@value #HASH_BYTES} bytes
   */
  void of(byte[] pads, ByteBuffer text, int length, byte[] result) {
    System.arraycopy(pads, 0, inner, 0, BLOCK_BYTES);
    System.arraycopy(pads, BLOCK_BYTES, outer, 0, BLOCK_BYTES);
    text.get(0, inner, BLOCK_BYTES, length);
    try {
      sha256.update(inner, 0, BLOCK_BYTES + length);
      sha256.digest(outer, BLOCK_BYTES, HASH_BYTES);
      sha256.update(outer);
      sha256.digest(outer, BLOCK_BYTES, HASH_BYTES);
    } catch (DigestException e) {
      throw new IllegalStateException(e);
    }
    System.arraycopy(outer, BLOCK_BYTES, result, 0, result.length);
  }
}
