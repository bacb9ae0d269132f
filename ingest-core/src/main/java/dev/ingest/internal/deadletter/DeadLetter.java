package dev.ingest.internal.deadletter;

import java.nio.ByteBuffer;

/**
 * What a sink will never have, and why.
 *
 * @param source where it came from, for people
 * @param reason a word for the reason
 * @param detail what was wrong
 * @param payload what came, to be read before it is overwritten
 */
public record DeadLetter(String source, String reason, String detail, ByteBuffer payload) {
  /** The reason of a record that the sink refused for good. */
  public static final String REFUSED = "REFUSED";

  /** The reason of what is left of a record in a file that was damaged. */
  public static final String DAMAGED = "DAMAGED";
}
