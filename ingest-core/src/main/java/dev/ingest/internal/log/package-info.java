/**
 * What all stages need to log: a logger that never holds them up, a limit on how often, and
 * addresses as text. Comes in on any thread; goes out to the host's loggers on the thread {@code
 * ingest-log}.
 */
@NullMarked
package dev.ingest.internal.log;

import org.jspecify.annotations.NullMarked;
