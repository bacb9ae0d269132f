/** A real PostgreSQL server for tests, also for those of other modules. Not for users. */
package dev.ingest.jdbc.testing;
