package dev.ingest.sink;

import java.util.Set;

/**
 * Makes the sinks of one URI scheme. Found through {@link java.util.ServiceLoader}: name the class
 * in {@code META-INF/services/dev.ingest.sink.SinkProvider} for the class path and in a {@code
 * provides} clause for the module path. It needs a public constructor without parameters.
 */
public interface SinkProvider {
  /**
   * Returns the scheme that this provider serves, such as {@code sqlite} for {@code
   * sqlite:sensors.db}.
   *
   * @return lower-case letters, digits, {@code +}, {@code -} and {@code .}, a letter first
   */
  String scheme();

  /**
   * Returns the options that hold no secrets: messages and logs may show their values. They also
   * show the path but for what {@link SinkConfig} hides, so a secret belongs into an option.
   *
   * @return their names; none unless overridden
   */
  default Set<String> publicOptions() {
    return Set.of();
  }

  /**
   * Makes a sink. Called on the thread that builds the server; must not block or open anything,
   * which is for {@link Sink#open}.
   *
   * @param config the URI in its parts
   * @return a new sink
   * @throws IllegalArgumentException if the path or an option makes no sense, or an option is
   *     unknown (see {@link SinkConfig#requireKnownOptions})
   */
  Sink create(SinkConfig config);
}
