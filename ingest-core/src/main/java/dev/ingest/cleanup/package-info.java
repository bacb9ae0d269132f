/**
 * Cleanup at exit: Python's {@code atexit} for the JVM, on a single shutdown hook. Stands alone:
 * nothing of the rest of the library is needed to use it.
 */
@NullMarked
package dev.ingest.cleanup;

import org.jspecify.annotations.NullMarked;
