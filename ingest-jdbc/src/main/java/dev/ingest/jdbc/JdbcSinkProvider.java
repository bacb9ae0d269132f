package dev.ingest.jdbc;

import dev.ingest.sink.Sink;
import dev.ingest.sink.SinkConfig;
import dev.ingest.sink.SinkProvider;
import java.util.Set;

/** Serves the scheme {@code jdbc}. */
public final class JdbcSinkProvider implements SinkProvider {
  /** Makes a provider; for the ServiceLoader. */
  public JdbcSinkProvider() {}

  @Override
  public String scheme() {
    return "jdbc";
  }

  @Override
  public Set<String> publicOptions() {
    return JdbcConfig.PUBLIC_OPTIONS;
  }

  @Override
  public Sink create(SinkConfig config) {
    return JdbcSink.to(JdbcConfig.of(config));
  }
}
