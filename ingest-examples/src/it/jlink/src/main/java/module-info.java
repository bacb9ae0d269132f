/** An application of modules, from which jlink makes a runtime image. */
module app {
  requires dev.ingest.core;
  // The scheme sqlite:, which the server finds among the services.
  requires dev.ingest.sqlite;
}
