/**
 * Cleanup at exit: Python's {@code atexit} for the JVM, on a single shutdown hook. Stands alone:
 * nothing of the rest of the library is needed to use it.
 *
 * <p>Actions are registered on any thread. They run on the thread that calls {@link
 * dev.ingest.cleanup.CleanupRegistry#run()}, and at the exit on a thread of the registry's own.
 */
@NullMarked
package dev.ingest.cleanup;

import org.jspecify.annotations.NullMarked;
