package dev.ingest.kafka;

import dev.ingest.sink.SinkException;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ExecutionException;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.ConfigEntry;
import org.apache.kafka.clients.admin.DescribeTopicsOptions;
import org.apache.kafka.clients.admin.ListOffsetsOptions;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.clients.admin.OffsetSpec;
import org.apache.kafka.clients.admin.TopicDescription;
import org.apache.kafka.common.IsolationLevel;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.acl.AclOperation;
import org.apache.kafka.common.config.ConfigResource;
import org.apache.kafka.common.config.TopicConfig;
import org.apache.kafka.common.errors.TopicExistsException;
import org.apache.kafka.common.errors.UnknownTopicOrPartitionException;
import org.jspecify.annotations.Nullable;

/**
 * What the brokers say of topics. Each answer is waited for as long as the client's timeouts say.
 */
final class Topics {
  /**
   * A journal topic is read from its beginning at each start and after each failure, so it is kept
   * short: what is out of date is compacted away once a segment is full, which takes some 60,000
   * batches.
   */
  private static final Map<String, String> JOURNAL =
      Map.of(
          TopicConfig.CLEANUP_POLICY_CONFIG,
          TopicConfig.CLEANUP_POLICY_COMPACT,
          TopicConfig.SEGMENT_BYTES_CONFIG,
          Integer.toString(16 << 20),
          TopicConfig.MIN_CLEANABLE_DIRTY_RATIO_CONFIG,
          "0.1",
          TopicConfig.DELETE_RETENTION_MS_CONFIG,
          "60000");

  private final Admin admin;

  Topics(Admin admin) {
    this.admin = admin;
  }

  /** A topic that is there. */
  record Topic(String name, int partitions, short replicas, Map<String, String> settings) {
    boolean isCompacted() {
      return setting(TopicConfig.CLEANUP_POLICY_CONFIG)
          .contains(TopicConfig.CLEANUP_POLICY_COMPACT);
    }

    int maxMessageBytes() {
      return Integer.parseInt(setting(TopicConfig.MAX_MESSAGE_BYTES_CONFIG));
    }

    String setting(String name) {
      return settings.getOrDefault(name, "");
    }
  }

  /**
   * Returns a topic that the sink is to write to.
   *
   * @throws SinkException if it does not exist, or the client may not write to it
   */
  Topic writable(String name) throws SinkException, ExecutionException, InterruptedException {
    return find(name)
        .orElseThrow(
            () ->
                SinkException.retryable(
                    "Kafka topic '"
                        + name
                        + "' does not exist, or this client may not know of it: create it, with"
                        + " the partitions and replicas that you need, or grant Describe. The"
                        + " sink creates none"));
  }

  /**
   * Returns the journal topic; creates it if it is missing, with as many replicas as the topic for
   * the records.
   *
   * @throws SinkException if it is there and is no journal topic
   */
  void journal(String name, Topic records)
      throws SinkException, ExecutionException, InterruptedException {
    Optional<Topic> journal = find(name);
    if (journal.isEmpty()) {
      create(name, records);
    } else if (journal.get().partitions() != 1
        || !journal
            .get()
            .setting(TopicConfig.CLEANUP_POLICY_CONFIG)
            .equals(TopicConfig.CLEANUP_POLICY_COMPACT)) {
      throw SinkException.retryable(
          "Kafka topic '"
              + name
              + "', in which the sink notes what it has stored, has "
              + journal.get().partitions()
              + " partitions and cleanup.policy="
              + journal.get().setting(TopicConfig.CLEANUP_POLICY_CONFIG)
              + ": expected 1 and compact. Set that, or delete the topic, and the sink creates it");
    }
  }

  private void create(String name, Topic records) throws ExecutionException, InterruptedException {
    Map<String, String> settings = new HashMap<>(JOURNAL);
    settings.put(
        TopicConfig.MIN_IN_SYNC_REPLICAS_CONFIG,
        records.setting(TopicConfig.MIN_IN_SYNC_REPLICAS_CONFIG));
    try {
      admin
          .createTopics(List.of(new NewTopic(name, 1, records.replicas()).configs(settings)))
          .all()
          .get();
    } catch (ExecutionException e) {
      if (!(e.getCause() instanceof TopicExistsException)) {
        throw e;
      }
    }
  }

  /** Returns the end of a topic of one partition, as readers of that isolation see it. */
  long end(String topic, IsolationLevel isolation) throws ExecutionException, InterruptedException {
    TopicPartition partition = new TopicPartition(topic, 0);
    return admin
        .listOffsets(Map.of(partition, OffsetSpec.latest()), new ListOffsetsOptions(isolation))
        .partitionResult(partition)
        .get()
        .offset();
  }

  private Optional<Topic> find(String name)
      throws SinkException, ExecutionException, InterruptedException {
    @Nullable TopicDescription description;
    try {
      description =
          admin
              .describeTopics(
                  List.of(name), new DescribeTopicsOptions().includeAuthorizedOperations(true))
              .allTopicNames()
              .get()
              .get(name);
    } catch (ExecutionException e) {
      if (e.getCause() instanceof UnknownTopicOrPartitionException) {
        return Optional.empty();
      }
      throw e;
    }
    Set<AclOperation> allowed = Objects.requireNonNull(description).authorizedOperations();
    if (allowed != null && !allowed.contains(AclOperation.WRITE)) {
      throw SinkException.retryable(
          "Kafka topic '" + name + "': this client may not write to it: grant Write");
    }
    return Optional.of(
        new Topic(
            name,
            description.partitions().size(),
            (short) description.partitions().get(0).replicas().size(),
            settings(name)));
  }

  private Map<String, String> settings(String name)
      throws ExecutionException, InterruptedException {
    ConfigResource resource = new ConfigResource(ConfigResource.Type.TOPIC, name);
    Map<String, String> settings = new HashMap<>();
    for (ConfigEntry entry :
        Objects.requireNonNull(admin.describeConfigs(List.of(resource)).all().get().get(resource))
            .entries()) {
      if (entry.value() != null) {
        settings.put(entry.name(), entry.value());
      }
    }
    return settings;
  }
}
