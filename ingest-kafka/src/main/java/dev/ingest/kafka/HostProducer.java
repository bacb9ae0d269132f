package dev.ingest.kafka;

import org.apache.kafka.clients.producer.Producer;

/**
 * The producer of a host, which it may share with others: it is never closed, and no transaction is
 * begun on it, since that would take in what others send.
 */
record HostProducer(Producer<byte[], byte[]> producer, String topic, int maxMessageBytes)
    implements Target {
  @Override
  public Connection open() {
    producer.partitionsFor(topic);
    return PlainConnection.ofHost(producer, new Limits(maxMessageBytes, "maxMessageBytes", false));
  }

  @Override
  public Connection reconnect() {
    return open();
  }
}
