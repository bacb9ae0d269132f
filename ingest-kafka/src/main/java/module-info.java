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

  // What kafka.clients needs and cannot say, since it is an automatic module.
  requires java.logging;
  requires java.management;
  requires java.security.jgss;
  requires java.security.sasl;
  requires jdk.unsupported;
  requires org.slf4j;

  exports dev.ingest.kafka;

  provides dev.ingest.sink.SinkProvider with
      dev.ingest.kafka.KafkaSinkProvider;
}
