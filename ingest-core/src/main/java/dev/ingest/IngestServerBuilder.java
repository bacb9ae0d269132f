package dev.ingest;

import dev.ingest.cleanup.CleanupRegistry;
import dev.ingest.internal.deliver.SinkLookup;
import dev.ingest.record.Schema;
import dev.ingest.sink.Sink;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Objects;
import java.util.function.Consumer;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * Collects the settings of an {@link IngestServer}. A schema and a sink are needed, all else has a
 * default. Not thread-safe; the order of the calls does not matter. One builder may build several
 * servers, unless it was given a sink object, which belongs to one.
 *
 * <p>Every method throws {@link NullPointerException} for null, and {@link
 * IllegalArgumentException} that names the setting, the value and the range for a value outside its
 * range.
 */
public final class IngestServerBuilder {
  /** The number of receivers unless set: {@value}. */
  public static final int DEFAULT_RECEIVERS = 1;

  /** The receive buffer unless set, in bytes: {@value}. */
  public static final int DEFAULT_RECEIVE_BUFFER = 4 << 20;

  /**
   * The maximum datagram size unless set, in bytes, which is the most that UDP can carry: {@value}.
   */
  public static final int DEFAULT_MAX_DATAGRAM_SIZE = 65_527;

  /** The queue's capacity unless set, in records: {@value}. */
  public static final int DEFAULT_QUEUE_CAPACITY = 65_536;

  /**
   * The batch size unless set, in records, if the queue's capacity is at least four times as large:
   * {@value}.
   */
  public static final int DEFAULT_BATCH_SIZE = 4_096;

  /** The drain timeout unless set, in milliseconds: {@value}. */
  public static final long DEFAULT_DRAIN_TIMEOUT_MILLIS = 8_000;

  /** The spool's limit unless set, in bytes: {@value}. */
  public static final long DEFAULT_SPOOL_LIMIT = 4L << 30;

  private static final long MIN_SPOOL_LIMIT = 1 << 20;
  private static final int MAX_QUEUE_CAPACITY = 1 << 24;
  private static final int MAX_RECEIVERS = 64;
  private static final int MIN_RECEIVE_BUFFER = 4 << 10;
  private static final int MAX_RECEIVE_BUFFER = 1 << 30;
  private static final Duration MAX_DRAIN_TIMEOUT = Duration.ofDays(1);

  private @Nullable Schema schema;
  private @Nullable Sink sink;
  private @Nullable String sinkUri;
  private @Nullable Integer batchSize;
  private InetSocketAddress address = new InetSocketAddress(InetAddress.getLoopbackAddress(), 0);
  private int receivers = DEFAULT_RECEIVERS;
  private int receiveBuffer = DEFAULT_RECEIVE_BUFFER;
  private int maxDatagramSize = DEFAULT_MAX_DATAGRAM_SIZE;
  private Predicate<? super InetSocketAddress> sourceFilter = source -> true;
  private int queueCapacity = DEFAULT_QUEUE_CAPACITY;
  private @Nullable OverflowPolicy overflowPolicy;
  private RetryPolicy retryPolicy = RetryPolicy.builder().build();
  private @Nullable Path deadLetters;
  private @Nullable Path spool;
  private long spoolLimit = DEFAULT_SPOOL_LIMIT;
  private @Nullable JournalSync journal;
  private boolean startWithoutSink;
  private Duration drainTimeout = Duration.ofMillis(DEFAULT_DRAIN_TIMEOUT_MILLIS);
  private CleanupRegistry cleanupRegistry = CleanupRegistry.global();
  private Consumer<? super IngestStats> onClose = stats -> {};

  IngestServerBuilder() {}

  /**
   * What datagrams are decoded against. Needed.
   *
   * @param schema the schema
   * @return this builder
   */
  public IngestServerBuilder schema(Schema schema) {
    this.schema = Objects.requireNonNull(schema, "schema");
    return this;
  }

  /**
   * Where records go: a sink object or a lambda. This or {@link #sink(String)} is needed. The
   * server opens and closes the sink, so it belongs to one server.
   *
   * @param sink the sink
   * @return this builder
   */
  public IngestServerBuilder sink(Sink sink) {
    this.sink = Objects.requireNonNull(sink, "sink");
    this.sinkUri = null;
    return this;
  }

  /**
   * Where records go: the URI of a sink whose {@link dev.ingest.sink.SinkProvider} is on the class
   * path or the module path, such as {@code sqlite:sensors.db}. This or {@link #sink(Sink)} is
   * needed; the last call counts.
   *
   * @param uri scheme, path and options, see {@link dev.ingest.sink.SinkConfig}
   * @return this builder
   */
  public IngestServerBuilder sink(String uri) {
    this.sinkUri = Objects.requireNonNull(uri, "uri");
    this.sink = null;
    return this;
  }

  /**
   * Listens on the loopback interface only.
   *
   * @param port 1 to 65535, or 0 for a free port, which {@link IngestServer#localAddress()} tells;
   *     0 unless set
   * @return this builder
   */
  public IngestServerBuilder bind(int port) {
    address =
        new InetSocketAddress(InetAddress.getLoopbackAddress(), inRange("port", port, 0, 65_535));
    return this;
  }

  /**
   * Listens on an address: of one interface, or {@code 0.0.0.0} for all that speak IPv4, or {@code
   * ::} for all. The name is looked up now; {@code start()} fails if it is unknown.
   *
   * @param host an IP address of this machine, or a name for one
   * @param port 1 to 65535, or 0 for a free port, which {@link IngestServer#localAddress()} tells
   * @return this builder
   */
  public IngestServerBuilder bind(String host, int port) {
    Objects.requireNonNull(host, "host");
    if (host.isBlank()) {
      throw new IllegalArgumentException(
          "host is '" + host + "': expected an IP address or a name; 0.0.0.0 for all interfaces");
    }
    address = new InetSocketAddress(host, inRange("port", port, 0, 65_535));
    return this;
  }

  /**
   * How many threads receive and decode, each with a socket of its own on the one port. The kernel
   * spreads the senders over them, so the records of one sender stay in order, and a single sender
   * keeps a single receiver busy. More than one pays where one takes all of a processor, which
   * shows in {@link IngestStats#kernelDrops()}, and there are processors to spare: one is the
   * writer's.
   *
   * @param receivers from 1 to 64; {@value #DEFAULT_RECEIVERS} unless set. More than one needs a
   *     system with SO_REUSEPORT, such as Linux, which alone also spreads the senders; on others
   *     {@code start()} fails
   * @return this builder
   */
  public IngestServerBuilder receivers(int receivers) {
    this.receivers = inRange("receivers", receivers, 1, MAX_RECEIVERS);
    return this;
  }

  /**
   * The size of the kernel's buffer for the socket of each receiver. The kernel may give less,
   * which {@code start()} logs as a warning with the remedy.
   *
   * @param bytes from 4096 to 1073741824; {@value #DEFAULT_RECEIVE_BUFFER} unless set
   * @return this builder
   */
  public IngestServerBuilder receiveBuffer(int bytes) {
    receiveBuffer = inRange("receiveBuffer", bytes, MIN_RECEIVE_BUFFER, MAX_RECEIVE_BUFFER);
    return this;
  }

  /**
   * The longest datagram that is decoded; a longer one is rejected.
   *
   * @param bytes from 1 to {@value #DEFAULT_MAX_DATAGRAM_SIZE}, which is the default
   * @return this builder
   */
  public IngestServerBuilder maxDatagramSize(int bytes) {
    maxDatagramSize = inRange("maxDatagramSize", bytes, 1, DEFAULT_MAX_DATAGRAM_SIZE);
    return this;
  }

  /**
   * Which sources are listened to; datagrams of others are counted and ignored. A filter that
   * throws counts as one that does not accept.
   *
   * @param filter called on the receiver thread for every datagram, so it must be quick and not
   *     block, and thread-safe if there are several receivers; all sources are accepted unless set
   * @return this builder
   */
  public IngestServerBuilder sourceFilter(Predicate<? super InetSocketAddress> filter) {
    sourceFilter = Objects.requireNonNull(filter, "filter");
    return this;
  }

  /**
   * How many records may wait in memory, those being written included. The records of one datagram
   * are queued together, so it can be exceeded by all but one of the last datagram's. Memory is
   * bounded as if all records were up to 128 bytes long: of longer ones fewer fit. With {@link
   * OverflowPolicy#SPOOL} one batch more may be on its way to the spool, and each {@link #receivers
   * receiver} but the first may have filled one more.
   *
   * @param records from 1 to 16777216; {@value #DEFAULT_QUEUE_CAPACITY} unless set
   * @return this builder
   */
  public IngestServerBuilder queueCapacity(int records) {
    queueCapacity = inRange("queueCapacity", records, 1, MAX_QUEUE_CAPACITY);
    return this;
  }

  /**
   * The most records that are given to the sink at once. Batches follow the load: a lone record is
   * written at once, in a batch of its own, and under a flood batches are full. There is rarely a
   * reason to set it.
   *
   * @param records from 1 to the queue's capacity; unless set {@value #DEFAULT_BATCH_SIZE}, or a
   *     quarter of the queue's capacity if that is smaller, but at least 1
   * @return this builder
   */
  public IngestServerBuilder batchSize(int records) {
    batchSize = inRange("batchSize", records, 1, MAX_QUEUE_CAPACITY);
    return this;
  }

  /**
   * What happens to the next datagram when the queue is full.
   *
   * @param policy the policy; unless set {@link OverflowPolicy#SPOOL} if there is a spool, and else
   *     {@link OverflowPolicy#BLOCK}
   * @return this builder
   */
  public IngestServerBuilder overflowPolicy(OverflowPolicy policy) {
    overflowPolicy = Objects.requireNonNull(policy, "policy");
    return this;
  }

  /**
   * How often and after which pauses a failed write is tried again.
   *
   * @param policy the policy; unlimited attempts unless set, with the pauses of {@link RetryPolicy}
   * @return this builder
   */
  public IngestServerBuilder retryPolicy(RetryPolicy policy) {
    retryPolicy = Objects.requireNonNull(policy, "policy");
    return this;
  }

  /**
   * A file for what cannot be stored, with the reason: every datagram that is rejected, and every
   * record that the sink refuses for good. One JSON object a line: {@code time}, {@code source},
   * {@code reason}, {@code detail}, and the bytes as they came in {@code payload}, or in {@code
   * payloadBase64} if they are not UTF-8. The file is appended to. A server locks it for itself.
   *
   * @param file the file; none unless set, and then rejected datagrams and refused records are
   *     counted and gone
   * @return this builder
   */
  public IngestServerBuilder deadLetters(Path file) {
    deadLetters = Objects.requireNonNull(file, "file");
    return this;
  }

  /**
   * A directory on disk for what would be lost otherwise: records for which the queue has no room,
   * whose write attempts are used up, or which the drain could not store in time. They are replayed
   * when the sink has caught up, or by the next server that has this directory, the oldest first;
   * fresh records are not held up. It is made if it is missing. A server locks it for itself.
   *
   * <p>Its files are newline-delimited JSON, the records as they came, and are removed when all in
   * them is stored.
   *
   * @param directory the directory, for this server alone; none unless set
   * @return this builder
   */
  public IngestServerBuilder spool(Path directory) {
    spool = Objects.requireNonNull(directory, "directory");
    return this;
  }

  /**
   * How much the spool may hold. When that is reached, or the disk is full, that is logged as an
   * error, and things go on as without a spool until there is room again.
   *
   * @param bytes from 1048576; {@value #DEFAULT_SPOOL_LIMIT} unless set
   * @return this builder
   */
  public IngestServerBuilder spoolLimit(long bytes) {
    if (bytes < MIN_SPOOL_LIMIT) {
      throw new IllegalArgumentException(
          "spoolLimit is " + bytes + ": expected at least " + MIN_SPOOL_LIMIT);
    }
    spoolLimit = bytes;
    return this;
  }

  /**
   * Writes every record to the spool before it is counted as decoded and queued, so that it
   * survives SIGKILL and a crash of the JVM: the next server that has this spool replays what was
   * not stored. A record that was being stored at that moment is then stored twice, unless the sink
   * remembers what it has stored, see {@link dev.ingest.sink.Sink} S10; {@code ingest-sqlite} does.
   *
   * <p>While the journal cannot be written, records are queued without, which is logged as an error
   * and counted in {@link IngestStats#notJournaled()}.
   *
   * @param sync how often it is synced to disk, against a crash of the system; no journal unless
   *     set
   * @return this builder
   */
  public IngestServerBuilder journal(JournalSync sync) {
    journal = Objects.requireNonNull(sync, "sync");
    return this;
  }

  /**
   * Whether to receive before the sink could be opened: {@code start()} does not wait for that.
   * While it fails and a retry may help, it is tried again after the pauses of the retry policy,
   * for ever; records wait in the queue and the spool. If it fails for good the server closes.
   *
   * @param without true to start so; false unless set, and then a sink that cannot be opened fails
   *     the start
   * @return this builder
   */
  public IngestServerBuilder startWithoutSink(boolean without) {
    startWithoutSink = without;
    return this;
  }

  /**
   * How long the drain may take at close or exit. At its end the sink is interrupted, and has one
   * more second to heed that; what it has not stored then goes to the spool, or if there is none it
   * is lost, and said so.
   *
   * @param timeout from 1 ms to 1 day; {@value #DEFAULT_DRAIN_TIMEOUT_MILLIS} ms unless set
   * @return this builder
   */
  public IngestServerBuilder drainTimeout(Duration timeout) {
    Objects.requireNonNull(timeout, "timeout");
    if (timeout.compareTo(Duration.ofMillis(1)) < 0 || timeout.compareTo(MAX_DRAIN_TIMEOUT) > 0) {
      throw new IllegalArgumentException("drainTimeout is " + timeout + ": expected 1 ms to 1 day");
    }
    drainTimeout = timeout;
    return this;
  }

  /**
   * Where the server registers its drain.
   *
   * @param registry the registry; {@link CleanupRegistry#global()}, which runs at the JVM's exit,
   *     unless set
   * @return this builder
   */
  public IngestServerBuilder cleanupRegistry(CleanupRegistry registry) {
    cleanupRegistry = Objects.requireNonNull(registry, "registry");
    return this;
  }

  /**
   * Who is told the final account, once, after the drain. Called on the thread that closes the
   * server, at exit that of the cleanup registry; what it throws is logged.
   *
   * @param listener gets what {@link IngestServer#stats()} returns from then on; none unless set
   * @return this builder
   */
  public IngestServerBuilder onClose(Consumer<? super IngestStats> listener) {
    onClose = Objects.requireNonNull(listener, "listener");
    return this;
  }

  /**
   * Makes a server that is not started.
   *
   * @return the server
   * @throws IllegalArgumentException if the schema or the sink is missing, the batch size is larger
   *     than the queue's capacity, the overflow policy or a journal needs a spool and there is
   *     none, or the sink's URI has an unknown scheme (with the known ones listed), an unknown
   *     option, or a value that its provider refuses
   */
  public IngestServer build() {
    if (schema == null) {
      throw new IllegalArgumentException("schema is not set: expected a Schema, by schema(...)");
    }
    if (sink == null && sinkUri == null) {
      throw new IllegalArgumentException(
          "sink is not set: expected a Sink or a URI such as sqlite:sensors.db, by sink(...)");
    }
    int batch =
        batchSize == null
            ? Math.max(1, Math.min(DEFAULT_BATCH_SIZE, queueCapacity / 4))
            : batchSize;
    if (batch > queueCapacity) {
      throw new IllegalArgumentException(
          "batchSize is " + batch + ": expected at most queueCapacity, which is " + queueCapacity);
    }
    OverflowPolicy overflow =
        overflowPolicy != null
            ? overflowPolicy
            : spool != null ? OverflowPolicy.SPOOL : OverflowPolicy.BLOCK;
    requireSpool("overflowPolicy", overflow == OverflowPolicy.SPOOL, overflow);
    requireSpool("journal", journal != null, journal);
    return new IngestServer(
        new Settings(
            schema,
            sinkUri == null ? Objects.requireNonNull(sink) : new SinkLookup().create(sinkUri),
            address,
            receivers,
            receiveBuffer,
            maxDatagramSize,
            sourceFilter,
            queueCapacity,
            batch,
            overflow,
            retryPolicy,
            deadLetters,
            spool,
            spoolLimit,
            journal,
            startWithoutSink,
            drainTimeout,
            cleanupRegistry,
            onClose));
  }

  private void requireSpool(String setting, boolean required, @Nullable Object value) {
    if (required && spool == null) {
      throw new IllegalArgumentException(
          setting + " is " + value + ": expected a spool with it, by spool(...)");
    }
  }

  private static int inRange(String setting, int value, int min, int max) {
    if (value < min || value > max) {
      throw new IllegalArgumentException(
          setting + " is " + value + ": expected " + min + " to " + max);
    }
    return value;
  }
}
