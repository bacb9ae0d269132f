package dev.ingest.kafka;

/**
 * What a topic and a producer take.
 *
 * @param maxMessageBytes the most bytes of one message, with key, headers and what Kafka adds
 * @param setBy what has set that, for messages
 * @param compacted whether the topic is compacted, so that each message needs a key
 */
record Limits(int maxMessageBytes, String setBy, boolean compacted) {}
