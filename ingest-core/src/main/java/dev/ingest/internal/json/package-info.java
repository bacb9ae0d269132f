/**
 * JSON, read and written; the only package that knows Jackson. The bytes of messages come in, rows
 * go out through {@link dev.ingest.internal.decode.RowWriter}. On the caller's thread.
 */
@NullMarked
package dev.ingest.internal.json;

import org.jspecify.annotations.NullMarked;
