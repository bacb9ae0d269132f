package dev.ingest.internal.intake;

import dev.ingest.policy.RejectUnit;
import dev.ingest.source.Source;
import dev.ingest.source.StreamSource;
import dev.ingest.source.Udp;
import dev.ingest.source.Unwrap;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * What the messages of a source are held to.
 *
 * @param maxBytes how long a message may be
 * @param setting the source's setting for that, for the message that tells how to raise it
 * @param rejectUnit how much is rejected with what cannot be decoded
 * @param unwrap takes a message out of what it came in; null if it is decoded as it comes
 */
public record MessageRules(
    int maxBytes, String setting, RejectUnit rejectUnit, @Nullable Unwrap unwrap) {

  /**
   * Returns those of a source, for one of its receivers.
   *
   * @param datagrams how much is rejected with what cannot be decoded of a datagram
   */
  public static MessageRules of(Source source, RejectUnit datagrams) {
    Unwrap unwrap = source.unwrap().<Unwrap>map(Supplier::get).orElse(null);
    return source instanceof Udp udp
        ? new MessageRules(udp.maxDatagramSize(), "maxDatagramSize", datagrams, unwrap)
        : new MessageRules(
            ((StreamSource<?>) source).maxRecordSize(), "maxRecordSize", RejectUnit.RECORD, unwrap);
  }
}
