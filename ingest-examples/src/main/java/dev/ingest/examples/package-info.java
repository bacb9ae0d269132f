/**
 * Small programs that show the library at work: {@link dev.ingest.examples.Demo} first, then the
 * {@link dev.ingest.examples.SensorServer server} and the {@link dev.ingest.examples.SensorClient
 * client} of a sensor network, a {@link dev.ingest.examples.CustomSink sink of one's own}, and
 * {@link dev.ingest.examples.CleanupOrder cleanup at exit} by itself. {@link
 * dev.ingest.examples.CrashTest} kills a server, and checks that each record that was counted as
 * decoded is stored exactly once. What the library costs is measured by the module {@code
 * ingest-bench}.
 */
@NullMarked
package dev.ingest.examples;

import org.jspecify.annotations.NullMarked;
