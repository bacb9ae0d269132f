package dev.ingest.source;

import java.time.Duration;
import java.util.Objects;
import java.util.Optional;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * A source to which clients connect. Each line is one message, which ends with a newline; the last
 * one may also end with the connection, however that ends. A message holds a record or an array of
 * records, and what cannot be decoded is rejected record by record. Lines that are empty, or of
 * spaces, tabs and carriage returns alone, are no messages.
 *
 * <p>One thread receives from all connections of a source. When the queue is full it stops reading,
 * so that the clients have to wait, unless another overflow policy is set. A drain accepts no more
 * connections than wait for that already, reads from each what has arrived, and closes it.
 *
 * <p>Streams have no acknowledgement: what a client has sent and the server has not read when it
 * ends is lost, and the client does not learn that.
 *
 * <p>Immutable, as {@link Udp} is, with the same exceptions.
 *
 * @param <S> the kind of source
 */
public abstract sealed class StreamSource<S extends StreamSource<S>> implements Source
    permits Tcp, Unix {
  /** The maximum record size unless set, in bytes: {@value}. */
  public static final int DEFAULT_MAX_RECORD_SIZE = 8_192;

  /** The maximum number of connections unless set: {@value}. */
  public static final int DEFAULT_MAX_CONNECTIONS = 1_024;

  private static final int MAX_RECORD_SIZE = 65_536;
  private static final int MAX_CONNECTIONS = 65_536;
  private static final Duration MAX_IDLE_TIMEOUT = Duration.ofDays(1);

  private int maxRecordSize = DEFAULT_MAX_RECORD_SIZE;
  private int maxConnections = DEFAULT_MAX_CONNECTIONS;
  private @Nullable Duration idleTimeout;
  private @Nullable Supplier<? extends Unwrap> unwrap;

  StreamSource() {}

  StreamSource(StreamSource<S> other) {
    this.maxRecordSize = other.maxRecordSize;
    this.maxConnections = other.maxConnections;
    this.idleTimeout = other.idleTimeout;
    this.unwrap = other.unwrap;
  }

  abstract S copy();

  /**
   * Sets the longest line that is decoded, without its newline; a carriage return before that
   * counts. A longer one is rejected, once, and skipped to its newline; the connection stays. While
   * a line is incomplete, its beginning is kept in memory: at most {@link #maxConnections(int)}
   * times this.
   *
   * @param bytes from 1 to 65536; {@value #DEFAULT_MAX_RECORD_SIZE} unless set
   * @return a copy with this maximum
   */
  public S maxRecordSize(int bytes) {
    S copy = copy();
    ((StreamSource<S>) copy).maxRecordSize =
        SourceChecks.inRange("maxRecordSize", bytes, 1, MAX_RECORD_SIZE);
    return copy;
  }

  /**
   * Sets how many connections may be open at once. When one more comes, the oldest of those over
   * which nothing has come yet is closed for it; if there is none, the new one is closed. Either is
   * counted: {@link dev.ingest.stats.DisconnectReason#TOO_MANY_CONNECTIONS}.
   *
   * @param connections from 1 to 65536; {@value #DEFAULT_MAX_CONNECTIONS} unless set. Each needs a
   *     file descriptor of the process, of which there may be fewer ({@code ulimit -n})
   * @return a copy with this maximum
   */
  public S maxConnections(int connections) {
    S copy = copy();
    ((StreamSource<S>) copy).maxConnections =
        SourceChecks.inRange("maxConnections", connections, 1, MAX_CONNECTIONS);
    return copy;
  }

  /**
   * Sets how long nothing may come over a connection before it is closed: {@link
   * dev.ingest.stats.DisconnectReason#IDLE}.
   *
   * <p>The connection is closed at most a second later than that, or this timeout if that is
   * shorter. While the server does not read, since the queue is full, the time stands still.
   *
   * @param timeout from 1 ms to 1 day; none unless set
   * @return a copy with this timeout
   */
  public S idleTimeout(Duration timeout) {
    Objects.requireNonNull(timeout, "timeout");
    if (timeout.compareTo(Duration.ofMillis(1)) < 0 || timeout.compareTo(MAX_IDLE_TIMEOUT) > 0) {
      throw new IllegalArgumentException("idleTimeout is " + timeout + ": expected 1 ms to 1 day");
    }
    S copy = copy();
    ((StreamSource<S>) copy).idleTimeout = timeout;
    return copy;
  }

  /**
   * Sets what takes each line out of what it came in, before it is decoded.
   *
   * @param unwrap makes an instance for the receiver; none unless set
   * @return a copy with this step
   */
  public S unwrap(Supplier<? extends Unwrap> unwrap) {
    S copy = copy();
    ((StreamSource<S>) copy).unwrap = Objects.requireNonNull(unwrap, "unwrap");
    return copy;
  }

  /**
   * Returns the longest line that is decoded.
   *
   * @return bytes, without the newline
   */
  public int maxRecordSize() {
    return maxRecordSize;
  }

  /**
   * Returns how many connections may be open at once.
   *
   * @return at least 1
   */
  public int maxConnections() {
    return maxConnections;
  }

  /**
   * Returns how long nothing may come over a connection.
   *
   * @return empty if there is no limit
   */
  public Optional<Duration> idleTimeout() {
    return Optional.ofNullable(idleTimeout);
  }

  @Override
  public Optional<Supplier<? extends Unwrap>> unwrap() {
    return Optional.ofNullable(unwrap);
  }

  /** Returns 1: one thread receives from all connections. */
  @Override
  public int receivers() {
    return 1;
  }
}
