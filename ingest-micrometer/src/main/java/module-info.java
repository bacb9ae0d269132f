/** The statistics of a server as meters of Micrometer. */
@SuppressWarnings({"requires-automatic", "requires-transitive-automatic"})
module dev.ingest.micrometer {
  requires transitive dev.ingest.core;
  requires transitive micrometer.core;
  requires static org.jspecify;

  exports dev.ingest.micrometer;
}
