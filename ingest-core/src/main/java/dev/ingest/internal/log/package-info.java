/**
 * What all stages need to write a log line: a limit on how often, and addresses as text. Any
 * thread.
 */
@NullMarked
package dev.ingest.internal.log;

import org.jspecify.annotations.NullMarked;
