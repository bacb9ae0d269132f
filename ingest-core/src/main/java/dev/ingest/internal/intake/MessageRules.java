package dev.ingest.internal.intake;

import dev.ingest.policy.RejectUnit;
import dev.ingest.source.Unwrap;
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
    int maxBytes, String setting, RejectUnit rejectUnit, @Nullable Unwrap unwrap) {}
