/**
 * A sink that stores records in a SQLite database: {@code sqlite:sensors.db}. Batches come in on
 * the server's writer thread, transactions go out.
 */
@NullMarked
package dev.ingest.sqlite;

import org.jspecify.annotations.NullMarked;
