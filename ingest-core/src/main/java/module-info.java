/**
 * The ingest server, the {@linkplain dev.ingest.sink sink SPI} and the {@linkplain
 * dev.ingest.cleanup cleanup registry}.
 *
 * @uses dev.ingest.sink.SinkProvider the sinks that a URI can name
 */
module dev.ingest.core {
  requires tools.jackson.core;
  requires static jdk.jfr;
  requires static org.jspecify;

  exports dev.ingest;
  exports dev.ingest.annotation;
  exports dev.ingest.cleanup;
  exports dev.ingest.policy;
  exports dev.ingest.record;
  exports dev.ingest.sink;
  exports dev.ingest.source;
  exports dev.ingest.stats;

  uses dev.ingest.sink.SinkProvider;
}
