/**
 * The events for Java Flight Recorder, which are made only while it records: any stage says what it
 * does, and nothing comes back. On the thread of the stage.
 */
@NullMarked
package dev.ingest.internal.jfr;

import org.jspecify.annotations.NullMarked;
