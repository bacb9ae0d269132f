/**
 * A sink that stores records in PostgreSQL, or in another database through JDBC: {@code
 * jdbc:postgresql://host/database}. Batches come in on the server's writer thread, transactions go
 * out.
 */
@NullMarked
package dev.ingest.jdbc;

import org.jspecify.annotations.NullMarked;
