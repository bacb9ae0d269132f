package dev.ingest.kafka;

import dev.ingest.sink.SinkException;
import java.util.concurrent.ExecutionException;
import org.apache.kafka.common.errors.AuthenticationException;
import org.apache.kafka.common.errors.AuthorizationException;
import org.apache.kafka.common.errors.InterruptException;
import org.apache.kafka.common.errors.InvalidProducerEpochException;
import org.apache.kafka.common.errors.InvalidTxnStateException;
import org.apache.kafka.common.errors.NotEnoughReplicasException;
import org.apache.kafka.common.errors.ProducerFencedException;
import org.apache.kafka.common.errors.RecordTooLargeException;
import org.apache.kafka.common.errors.TimeoutException;
import org.apache.kafka.common.errors.UnknownTopicOrPartitionException;
import org.apache.kafka.common.errors.UnsupportedVersionException;

/**
 * What Kafka's failures mean. Only a record that is too large is at fault itself, which is found
 * before anything is sent: all else may be over later, and makes no dead letters.
 */
final class Failures {
  private Failures() {}

  /** Returns the failure of a call, after which the interrupt flag is set if it was that. */
  static SinkException of(String what, Exception failure) {
    if (failure instanceof SinkException known) {
      return known;
    }
    Throwable cause = cause(failure);
    if (cause instanceof InterruptedException || cause instanceof InterruptException) {
      Thread.currentThread().interrupt();
      return SinkException.retryable(what + ": interrupted");
    }
    if (cause instanceof AuthenticationException) {
      // Without what the broker or the login module says: that may quote what it was given.
      return SinkException.retryable(
          what
              + ": "
              + cause.getClass().getSimpleName()
              + ": the broker does not accept this client. Check security.protocol, sasl.* and"
              + " ssl.* in the file that the option properties names");
    }
    String message =
        what + ": " + cause.getClass().getSimpleName() + ": " + cause.getMessage() + remedy(cause);
    return SinkException.retryable(message, failure);
  }

  /**
   * Returns the failure of a write by a producer of the host's, of whose limits nothing is known: a
   * record that is too large for it is refused for good. One that is too large for a limit that was
   * lowered meanwhile is found by the next write of a producer of our own, before anything is sent.
   */
  static SinkException ofHost(String what, Exception failure) {
    SinkException known = of(what, failure);
    return cause(failure) instanceof RecordTooLargeException
        ? SinkException.permanent(String.valueOf(known.getMessage()), failure)
        : known;
  }

  /** Tells whether the broker has refused to go on with a transaction. */
  static boolean isRefusedTransaction(Exception failure) {
    return cause(failure) instanceof InvalidTxnStateException;
  }

  /** Returns what a future, or a producer in an error state, wraps. */
  private static Throwable cause(Throwable failure) {
    Throwable cause = failure;
    while (cause.getCause() != null
        && (cause instanceof ExecutionException || isWrapper(cause.getClass()))) {
      cause = cause.getCause();
    }
    return cause;
  }

  private static boolean isWrapper(Class<?> type) {
    return type == org.apache.kafka.common.KafkaException.class
        || type == IllegalStateException.class;
  }

  private static String remedy(Throwable cause) {
    if (cause instanceof TimeoutException) {
      return ". Look whether the brokers run, can be reached at the addresses that they advertise,"
          + " and have enough replicas in sync";
    }
    if (cause instanceof AuthorizationException) {
      return ". Grant this client what the documentation of the sink lists";
    }
    if (cause instanceof NotEnoughReplicasException) {
      return ". Bring the missing brokers back, or lower min.insync.replicas";
    }
    if (cause instanceof ProducerFencedException
        || cause instanceof InvalidProducerEpochException) {
      return ". Another server uses the same transactional_id, or the transaction took longer than"
          + " transaction.timeout.ms: the next try finds out which";
    }
    if (cause instanceof RecordTooLargeException) {
      return ". Raise max.message.bytes of the topic or max.request.size of the producer, or send"
          + " less";
    }
    if (cause instanceof UnknownTopicOrPartitionException) {
      return ". Create the topic: the sink does not";
    }
    if (cause instanceof UnsupportedVersionException) {
      return ". The brokers are too old: expected Kafka 2.5 or later";
    }
    return "";
  }
}
