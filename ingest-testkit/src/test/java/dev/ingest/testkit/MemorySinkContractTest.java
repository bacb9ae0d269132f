package dev.ingest.testkit;

/** The contract on a sink that keeps all of it. */
class MemorySinkContractTest extends MemoryContract {}
