package dev.ingest.kafka;

/** Where messages go: a topic, by a producer of the host's or of the sink's own. */
interface Target {
  /** Returns the name of the topic. */
  String topic();

  /** Connects for the first time. Leaves nothing behind if it throws. */
  Connection open() throws Exception;

  /** Connects again after a failure. Leaves nothing behind if it throws. */
  Connection reconnect() throws Exception;
}
