package dev.ingest.internal.receive.udp;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.Random;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;
import org.junit.jupiter.api.Test;

class HmacTest {
  private final Hmac hmac = new Hmac(300);

  private byte[] of(byte[] key, byte[] text, int bytes) {
    byte[] result = new byte[bytes];
    hmac.of(Hmac.pads(key), ByteBuffer.wrap(text), text.length, result);
    return result;
  }

  @Test
  void gives_the_code_of_rfc4231_section_4_2() {
    byte[] key = new byte[20];
    Arrays.fill(key, (byte) 0x0b);
    assertEquals(
        "b0344c61d8db38535ca8afceaf0bf12b881dc200c9833da726e9376c2e32cff7",
        HexFormat.of().formatHex(of(key, "Hi There".getBytes(StandardCharsets.US_ASCII), 32)));
  }

  @Test
  void gives_the_codes_of_the_jdk() throws GeneralSecurityException {
    Random random = new Random(5);
    for (int keyBytes : new int[] {32, 33, 48, 63, 64}) {
      byte[] key = new byte[keyBytes];
      random.nextBytes(key);
      Mac mac = Mac.getInstance("HmacSHA256");
      mac.init(new SecretKeySpec(key, "HmacSHA256"));
      for (int length = 0; length <= 300; length++) {
        byte[] text = new byte[length];
        random.nextBytes(text);
        assertArrayEquals(Arrays.copyOf(mac.doFinal(text), 16), of(key, text, 16));
      }
    }
  }
}
