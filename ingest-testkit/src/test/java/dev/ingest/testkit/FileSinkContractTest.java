package dev.ingest.testkit;

/** The contract on a sink that keeps what of it can be tested on a file. */
class FileSinkContractTest extends FileContract {}
