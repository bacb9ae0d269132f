package dev.ingest.kafka;

import dev.ingest.sink.Sink;
import dev.ingest.sink.SinkConfig;
import dev.ingest.sink.SinkProvider;
import java.util.Set;

/** Serves the scheme {@code kafka}. */
public final class KafkaSinkProvider implements SinkProvider {
  /** Makes a provider; for the ServiceLoader. */
  public KafkaSinkProvider() {}

  @Override
  public String scheme() {
    return "kafka";
  }

  @Override
  public Set<String> publicOptions() {
    return KafkaConfig.PUBLIC_OPTIONS;
  }

  @Override
  public Sink create(SinkConfig uri) {
    KafkaConfig config = KafkaConfig.of(uri);
    Target target =
        config.transactionalId().isPresent()
            ? new TransactionalCluster(config, config.transactionalId().get())
            : new Cluster(config);
    return new KafkaSink(target, config.format());
  }
}
