package dev.ingest.internal.intake;

/**
 * The longest message that a source takes.
 *
 * @param bytes how long it may be
 * @param setting the source's setting for that, for the message that tells how to raise it
 */
public record SizeLimit(int bytes, String setting) {}
