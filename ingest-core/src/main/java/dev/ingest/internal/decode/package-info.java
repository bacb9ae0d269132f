/**
 * What a format is to the rest of the server: a {@link dev.ingest.internal.decode.Decoder} gets the
 * bytes of a message, and adds rows through a {@link dev.ingest.internal.decode.RowWriter}, or
 * rejects the message. On the thread that has the bytes: a receiver's, or the writer's at a replay.
 */
@NullMarked
package dev.ingest.internal.decode;

import org.jspecify.annotations.NullMarked;
