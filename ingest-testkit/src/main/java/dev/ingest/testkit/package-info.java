/**
 * For the authors of sinks: the contract of {@link dev.ingest.sink.Sink} as a test. {@link
 * dev.ingest.testkit.SinkContract} is where to begin.
 */
@NullMarked
package dev.ingest.testkit;

import org.jspecify.annotations.NullMarked;
