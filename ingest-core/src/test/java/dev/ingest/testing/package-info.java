/**
 * What the tests of all modules share. Not for users: those who write a sink find what they need in
 * {@code ingest-testkit}.
 */
package dev.ingest.testing;
