package dev.ingest.internal.deadletter;

import java.nio.ByteBuffer;
import java.util.OptionalLong;
import org.jspecify.annotations.Nullable;

/**
 * What a sink will never have, and why.
 *
 * @param source where it came from, for people
 * @param readFrom the line of the spool that it was read back from, if that is not the source
 * @param receivedAt when it arrived, in nanoseconds since 1970; empty if that is not kept
 * @param reason a word for the reason
 * @param detail what was wrong
 * @param payload what came, to be read before it is overwritten
 */
public record DeadLetter(
    String source,
    @Nullable String readFrom,
    OptionalLong receivedAt,
    String reason,
    String detail,
    ByteBuffer payload) {
  /** The reason of a record that the sink refused for good. */
  public static final String REFUSED = "REFUSED";

  /** The reason of what is left of a record in a file that was damaged. */
  public static final String DAMAGED = "DAMAGED";

  /** Makes the letter of what was not read back, and arrived nobody knows when. */
  public DeadLetter(String source, String reason, String detail, ByteBuffer payload) {
    this(source, null, OptionalLong.empty(), reason, detail, payload);
  }
}
