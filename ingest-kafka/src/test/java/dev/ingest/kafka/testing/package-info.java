/** A real broker for the tests of all modules, and what looks into it. */
package dev.ingest.kafka.testing;
