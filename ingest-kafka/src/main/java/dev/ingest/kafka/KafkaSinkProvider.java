package dev.ingest.kafka;

import dev.ingest.sink.Sink;
import dev.ingest.sink.SinkConfig;
import dev.ingest.sink.SinkProvider;
import java.util.Set;

/**
 * Serves the scheme {@code kafka}. Found through {@link java.util.ServiceLoader}; there is no need
 * to use it directly.
 *
 * <p>The path of the URI names the brokers to begin with and the topic: {@code
 * kafka:host:9092,host2:9092/sensors}, an IPv6 address in brackets. The topic exists: the sink
 * creates none for records, and {@code open} fails if it is missing. A broker that is set to create
 * topics by itself (auto.create.topics.enable) does so if the topic is deleted later.
 *
 * <p>Options:
 *
 * <table>
 *   <caption>Options of the URI</caption>
 *   <tr><th scope="col">option</th><th scope="col">default</th><th scope="col">values</th></tr>
 *   <tr><td>{@code message}</td><td>{@code record}</td><td>{@code record}: each record is a message of its own;
 *       {@code batch}: a message has as many records of a batch as it takes, each followed by a newline; other
 *       newlines in a record become spaces. Goes with neither key nor headers</td></tr>
 *   <tr><td>{@code value}</td><td>{@code payload}</td><td>{@code payload}: the record's JSON object exactly as it
 *       came (see {@link dev.ingest.record.RecordBatch#json}); {@code columns}: an object of the schema's fields,
 *       in their order, without those that are absent, a time as {@code "2025-07-05T11:31:01.120Z"}</td></tr>
 *   <tr><td>{@code key}</td><td>none</td><td>the field whose text in UTF-8 is the message's key: a field of type
 *       INTEGER, TEXT, BOOLEAN or TIMESTAMP. A record without the field has no key</td></tr>
 *   <tr><td>{@code headers}</td><td>none</td><td>fields, with commas between them: each that a record has is a
 *       header with the field's name, and the value's text in UTF-8</td></tr>
 *   <tr><td>{@code compression}</td><td>{@code none}</td><td>{@code none}, {@code gzip}, {@code snappy}, {@code
 *       lz4}, {@code zstd}</td></tr>
 *   <tr><td>{@code transactional_id}</td><td>none</td><td>1 to 234 letters, digits, {@code .}, {@code _} and
 *       {@code -}, another for each server: each batch is a transaction, and each record of a spool with a journal
 *       is stored exactly once</td></tr>
 *   <tr><td>{@code properties}</td><td>none</td><td>{@code file:} and the path of a file with <a
 *       href="https://kafka.apache.org/documentation/#producerconfigs">properties of a Kafka producer</a>, in
 *       UTF-8: passwords belong there. The sink's own are refused: bootstrap.servers, acks, enable.idempotence,
 *       transactional.id, compression.type, key.serializer and value.serializer. So are unknown ones</td></tr>
 * </table>
 *
 * <p>Unless the file has others, the producer has linger.ms=20, batch.size=131072,
 * request.timeout.ms=10000, delivery.timeout.ms=30000 and max.block.ms=15000. A write ends with a
 * flush, so no record waits for the linger.
 *
 * <p><b>For consumers.</b> Messages without a key go to any partition, and have no order but within
 * what one write sends to one partition. Those with a key go to the partition that Kafka's default
 * partitioner chooses, the murmur2 hash of the key modulo the number of partitions, and are there
 * in the order in which they were stored: that in which they arrived, but for what was replayed
 * from a spool. A message's time is that of its sending. With {@code transactional_id} a consumer
 * must set isolation.level=read_committed, or it also sees what was rolled back.
 *
 * <p><b>What is promised.</b> The producer is idempotent, with acks=all: what {@code write}
 * returned for is on as many replicas as the topic's min.insync.replicas says, which should be 2 or
 * more. Without {@code transactional_id} each record is stored at least once: Kafka leaves out what
 * the producer itself sends again, but if a write fails, such as after delivery.timeout.ms or by
 * the end of the process, its records are sent again, and those that were stored after all are
 * there twice. With it, the records of a journal are stored exactly once, also after a crash of
 * either side: the topic {@code TRANSACTIONAL_ID-ingest-journal} gets the lines of the spool that
 * are stored, in the same transactions. The sink creates that topic, with one partition,
 * cleanup.policy=compact, and the replicas and min.insync.replicas of the topic for the records.
 * After any failure the producer is closed, a new one fences off what the old one may still do, and
 * the positions are read anew.
 *
 * <p>One sink at a time has a {@code transactional_id}: the last that was opened. Another one that
 * has it fails each write from then on, with a retryable failure that names the id, until its
 * server is started again. It does not take the id back.
 *
 * <p><b>Failures.</b> A record whose message would exceed the topic's max.message.bytes, or the
 * producer's max.request.size or buffer.memory, before compression, is a dead letter. So is one
 * without a key, if the topic is compacted. Both are found before anything of the batch is sent.
 * All other failures are retried. {@code open} fails within 10 s or so if no broker can be reached,
 * the topic is missing, or the client may not write to it.
 *
 * <p><b>Rights.</b> The client needs Describe, DescribeConfigs and Write on the topic. With {@code
 * transactional_id} it also needs Write and Describe on that id, and on the journal topic Create
 * (or it exists), Describe, DescribeConfigs, Read and Write.
 *
 * <p>The sink has one thread of Kafka's producer, and others only in {@code open} and after
 * failures. A {@code close} waits for at most max.block.ms. Kafka's clients log through SLF4J, of
 * which no binding comes with the sink; they log all properties at INFO, passwords as {@code
 * [hidden]}.
 */
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
  public Sink create(SinkConfig config) {
    KafkaConfig checked = KafkaConfig.of(config);
    Target target =
        checked.transactionalId().isPresent()
            ? new TransactionalCluster(checked, checked.transactionalId().get())
            : new Cluster(checked);
    return new KafkaSink(target, checked.format());
  }
}
