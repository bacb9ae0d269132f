/**
 * For the authors of sinks: the contract of {@link dev.ingest.sink.Sink} as a test. Needs JUnit
 * Jupiter and ingest-core on the class path.
 */
package dev.ingest.testkit;
