/**
 * The bytes of one datagram come in, rows of a {@link dev.ingest.internal.batch.Batch} go out, all
 * of them or none. On the receiver thread. The only package that knows Jackson.
 */
@NullMarked
package dev.ingest.internal.decode;

import org.jspecify.annotations.NullMarked;
