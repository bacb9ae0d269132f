/**
 * The {@linkplain dev.ingest.testkit.SinkContract contract of sinks} as a test, for those who write
 * one.
 */
module dev.ingest.testkit {
  requires transitive dev.ingest.core;
  requires transitive org.junit.jupiter.api;
  requires static org.jspecify;
  requires java.management;
  requires jdk.management;
  requires tools.jackson.core;

  exports dev.ingest.testkit;

  // JUnit calls the tests, which are not public so that no subclass replaces one.
  opens dev.ingest.testkit;
}
