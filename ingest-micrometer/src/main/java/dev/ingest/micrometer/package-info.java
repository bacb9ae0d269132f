/**
 * The statistics of a server as meters of Micrometer.
 *
 * <p>Nothing here starts a thread. The meters are read on the threads of the registry.
 */
@NullMarked
package dev.ingest.micrometer;

import org.jspecify.annotations.NullMarked;
