/**
 * What every kind of source is to the server. A kind has a package of its own below this one, which
 * knows sockets and framing, and nothing of formats.
 */
@NullMarked
package dev.ingest.internal.receive;

import org.jspecify.annotations.NullMarked;
