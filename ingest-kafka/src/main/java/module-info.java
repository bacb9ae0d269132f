/**
 * A sink that sends records to Kafka.
 *
 * @provides dev.ingest.sink.SinkProvider the scheme {@code kafka}
 */
@SuppressWarnings({"requires-automatic", "requires-transitive-automatic"})
module dev.ingest.kafka {
  requires transitive dev.ingest.core;
  requires transitive kafka.clients;
  requires tools.jackson.core;
  requires static org.jspecify;

  exports dev.ingest.kafka;

  provides dev.ingest.sink.SinkProvider with
      dev.ingest.kafka.KafkaSinkProvider;
}
