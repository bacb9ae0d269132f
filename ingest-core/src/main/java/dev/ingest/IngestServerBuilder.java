package dev.ingest;

import dev.ingest.internal.server.Settings;
import dev.ingest.internal.server.SinkLookup;
import dev.ingest.policy.OverflowPolicy;
import dev.ingest.policy.RejectUnit;
import dev.ingest.policy.RetryPolicy;
import dev.ingest.policy.Spooling;
import dev.ingest.record.Schema;
import dev.ingest.sink.Sink;
import dev.ingest.source.Source;
import dev.ingest.source.Udp;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Collects the settings of an {@link IngestServer}. A schema and a sink are needed, all else has a
 * default. Not thread-safe; the order of the calls does not matter. One builder may build several
 * servers; if it was given a sink object, only one of them can run at a time.
 *
 * <p>Every method throws {@link NullPointerException} for null, and {@link
 * IllegalArgumentException} that names the setting, the value and the range for a value outside its
 * range.
 */
public final class IngestServerBuilder extends HostSettings<IngestServerBuilder> {
  /** The queue's capacity unless set, in records: {@value}. */
  public static final int DEFAULT_QUEUE_CAPACITY = 65_536;

  /**
   * The batch size unless set, in records, if the queue's capacity is at least four times as large:
   * {@value}.
   */
  public static final int DEFAULT_BATCH_SIZE = 4_096;

  /** The drain timeout unless set, in milliseconds: {@value}. */
  public static final long DEFAULT_DRAIN_TIMEOUT_MILLIS = 8_000;

  /** How long records linger unless set, in milliseconds: {@value}. */
  public static final long DEFAULT_LINGER_MILLIS = 2;

  /** The limit of the dead-letter file unless set, in bytes: {@value}. */
  public static final long DEFAULT_DEAD_LETTER_LIMIT = 64L << 20;

  private static final int MAX_QUEUE_CAPACITY = 1 << 24;

  /** Has room for the letter of the longest record, each of whose bytes may take six. */
  private static final long MIN_DEAD_LETTER_LIMIT = 1 << 20;

  private @Nullable Schema schema;
  private @Nullable Supplier<? extends Sink> sink;
  private @Nullable Integer batchSize;
  private final List<Source> sources = new ArrayList<>();
  private int queueCapacity = DEFAULT_QUEUE_CAPACITY;
  private @Nullable OverflowPolicy overflowPolicy;
  private RetryPolicy retryPolicy = RetryPolicy.builder().build();
  private RejectUnit rejectUnit = RejectUnit.DATAGRAM;
  private @Nullable Path deadLetters;
  private long deadLetterLimit = DEFAULT_DEAD_LETTER_LIMIT;
  private @Nullable Spooling spooling;
  private boolean startWithoutSink;
  private Duration linger = Duration.ofMillis(DEFAULT_LINGER_MILLIS);
  private Duration drainTimeout = Duration.ofMillis(DEFAULT_DRAIN_TIMEOUT_MILLIS);

  IngestServerBuilder() {}

  @Override
  IngestServerBuilder self() {
    return this;
  }

  /**
   * Sets what messages are decoded against. Needed.
   *
   * @param schema the schema
   * @return this builder
   */
  public IngestServerBuilder schema(Schema schema) {
    this.schema = Objects.requireNonNull(schema, "schema");
    return this;
  }

  /**
   * Sets where records go: a sink object or a lambda. This or another {@code sink} method is
   * needed; the last call counts. The server opens and closes the sink, so it belongs to one
   * running server: the start of a second one fails while the first is not closed, or its writer is
   * still stuck in the sink.
   *
   * @param sink the sink
   * @return this builder
   */
  public IngestServerBuilder sink(Sink sink) {
    Objects.requireNonNull(sink, "sink");
    return sink(() -> sink);
  }

  /**
   * Sets where records go: a new sink for each server, made by {@link #build()}. What the supplier
   * throws, that throws.
   *
   * @param supplier makes sinks, such as {@code MySink::new}
   * @return this builder
   */
  public IngestServerBuilder sink(Supplier<? extends Sink> supplier) {
    sink = Objects.requireNonNull(supplier, "supplier");
    return this;
  }

  /**
   * Sets where records go: the URI of a sink whose {@link dev.ingest.sink.SinkProvider} is on the
   * class path or the module path, such as {@code sqlite:sensors.db}. Each server gets a sink of
   * its own.
   *
   * @param uri scheme, path and options, see {@link dev.ingest.sink.SinkConfig}
   * @return this builder
   */
  public IngestServerBuilder sink(String uri) {
    Objects.requireNonNull(uri, "uri");
    return sink(() -> new SinkLookup().create(uri));
  }

  /**
   * Adds a UDP port of the loopback interface: short for {@code source(Udp.on(port))}.
   *
   * @param port 1 to 65535, or 0 for a free port
   * @return this builder
   */
  public IngestServerBuilder bind(int port) {
    return source(Udp.on(port));
  }

  /**
   * Adds a UDP port: short for {@code source(Udp.on(host, port))}.
   *
   * @param host an IP address of this machine, or a name for one, see {@link Udp#on(String, int)}
   * @param port 1 to 65535, or 0 for a free port, which {@link IngestServer#localAddress()} tells
   * @return this builder
   */
  public IngestServerBuilder bind(String host, int port) {
    return source(Udp.on(host, port));
  }

  /**
   * Adds a source of messages. There may be several; all feed one queue and one sink. Unless any is
   * set, the server receives on a free UDP port of the loopback interface.
   *
   * @param source what to receive on, such as {@link Udp#on(String, int)}
   * @return this builder
   */
  public IngestServerBuilder source(Source source) {
    sources.add(Objects.requireNonNull(source, "source"));
    return this;
  }

  /**
   * Sets how many records may wait in memory, those being written included. The records of one
   * message are queued together, so the capacity can be exceeded by all but one of the last
   * message's. Memory is bounded as if all records took up to 160 bytes, of which fewer fit if they
   * take more: their bytes, 16, 8 for each field of the schema, and two for each character in a
   * TEXT field. With {@link OverflowPolicy#SPOOL} one batch more may be on its way to the spool,
   * and each receiver but the first may have filled one more.
   *
   * @param records from 1 to 16777216; {@value #DEFAULT_QUEUE_CAPACITY} unless set
   * @return this builder
   */
  public IngestServerBuilder queueCapacity(int records) {
    queueCapacity = SettingChecks.inRange("queueCapacity", records, 1, MAX_QUEUE_CAPACITY);
    return this;
  }

  /**
   * Sets the most records that a batch is filled to, and that one message may hold. Batches follow
   * the load: a lone record is written at once, in a batch of its own, and under a flood batches
   * are full. There is rarely a reason to set it. A schema of many fields makes a batch full
   * sooner, by its memory.
   *
   * @param records from 1 to the queue's capacity; unless set {@value #DEFAULT_BATCH_SIZE}, or a
   *     quarter of the queue's capacity if that is smaller, but at least 1
   * @return this builder
   */
  public IngestServerBuilder batchSize(int records) {
    batchSize = SettingChecks.inRange("batchSize", records, 1, MAX_QUEUE_CAPACITY);
    return this;
  }

  /**
   * Sets what happens to the next message when the queue is full.
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
   * Sets how often and after which pauses a failed write is tried again.
   *
   * @param policy the policy; unlimited attempts unless set, with the pauses of {@link RetryPolicy}
   * @return this builder
   */
  public IngestServerBuilder retryPolicy(RetryPolicy policy) {
    retryPolicy = Objects.requireNonNull(policy, "policy");
    return this;
  }

  /**
   * Sets how much of a datagram is rejected with what cannot be decoded; streams do not need it.
   *
   * @param unit {@link RejectUnit#DATAGRAM} unless set
   * @return this builder
   */
  public IngestServerBuilder rejectUnit(RejectUnit unit) {
    rejectUnit = Objects.requireNonNull(unit, "unit");
    return this;
  }

  /**
   * Sets a file for what cannot be stored, with the reason: every message that is rejected, unless
   * it is empty, and every record that the sink refuses for good. One JSON object a line: {@code
   * time}, {@code source}, {@code reason}, {@code detail}, and the bytes as they came in {@code
   * payload}, or in {@code payloadBase64} if they are not UTF-8. Of a message that is rejected
   * these are the first 1,024; then {@code bytes} is the length of what was received. Records are
   * whole.
   *
   * <p>The file is appended to. A server makes it with the mode 0600, refuses what is no regular
   * file, and locks it for itself, by the file {@code NAME.lock} beside it.
   *
   * @param file the file; none unless set, and then rejected messages and refused records are
   *     counted and gone
   * @return this builder
   */
  public IngestServerBuilder deadLetters(Path file) {
    deadLetters = Objects.requireNonNull(file, "file");
    return this;
  }

  /**
   * Limits how long the dead-letter file may get, or the one in the spool. A full file is renamed
   * to {@code NAME.1}, which removes the one before, and begun anew; so both together take at most
   * twice the limit. Three quarters of a file are for records; when they are full the file is full.
   * One quarter is for rejected messages: when it is full the file is renamed only if neither file
   * has a record in it, and otherwise no more of these are kept. What is removed or not kept is
   * counted, see {@link dev.ingest.stats.IngestStats#deadLettersRemoved()}.
   *
   * @param bytes from 1048576; {@value #DEFAULT_DEAD_LETTER_LIMIT} unless set
   * @return this builder
   */
  public IngestServerBuilder deadLetterLimit(long bytes) {
    deadLetterLimit = SettingChecks.atLeast("deadLetterLimit", bytes, MIN_DEAD_LETTER_LIMIT);
    return this;
  }

  /**
   * Sets where to keep on disk what would be lost otherwise, and whether to write a journal there.
   *
   * @param spooling such as {@link Spooling#in}; no spool unless set
   * @return this builder
   */
  public IngestServerBuilder spool(Spooling spooling) {
    this.spooling = Objects.requireNonNull(spooling, "spooling");
    return this;
  }

  /**
   * Sets whether to receive before the sink could be opened: {@code start()} does not wait for
   * that. While opening fails and a retry may help, the server tries again after the pauses of the
   * retry policy, for ever; records wait in the queue and the spool. If opening fails for good, the
   * server closes.
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
   * Sets how much time is at least between two batches that are not full. A record waits up to so
   * long for others, and a lone one not at all. At low rates a write to the sink costs more than
   * its records do, so a longer time saves processor time. Datagrams linger as long in the kernel's
   * receive buffer, but at most 1 ns for each byte that this has.
   *
   * @param time from 0 to 1 s; {@value #DEFAULT_LINGER_MILLIS} ms unless set
   * @return this builder
   */
  public IngestServerBuilder linger(Duration time) {
    linger = SettingChecks.upToOneSecond("linger", time);
    return this;
  }

  /**
   * Sets how long the drain may take at close or exit. At its end the sink is interrupted, and has
   * one more second to return; what it has not stored then goes to the spool, or if there is none
   * it is lost, counted, and logged as an error. A disk of the spool or of the dead letters that
   * stalls is waited for until the end of that time, and at most one second more.
   *
   * @param timeout from 1 ms to 1 day; {@value #DEFAULT_DRAIN_TIMEOUT_MILLIS} ms unless set
   * @return this builder
   */
  public IngestServerBuilder drainTimeout(Duration timeout) {
    drainTimeout = SettingChecks.upToOneDay("drainTimeout", timeout);
    return this;
  }

  /**
   * Makes a server that is not started.
   *
   * @return the server
   * @throws IllegalArgumentException if the schema or the sink is missing (the supplier of sinks
   *     returned null), the batch size is larger than the queue's capacity, the overflow policy
   *     needs a spool and there is none, or the sink's URI has an unknown scheme (with the known
   *     ones listed), an unknown option, or a value that its provider refuses
   */
  public IngestServer build() {
    if (schema == null) {
      throw new IllegalArgumentException("schema is not set: expected a Schema, by schema(...)");
    }
    Settings settings =
        new Settings(
            schema,
            SettingChecks.sink(sink),
            sources.isEmpty() ? List.of(Udp.on(0)) : List.copyOf(sources),
            queueCapacity,
            SettingChecks.batchSize(batchSize, queueCapacity),
            SettingChecks.overflowPolicy(overflowPolicy, spooling),
            retryPolicy,
            rejectUnit,
            deadLetters,
            deadLetterLimit,
            spooling,
            startWithoutSink,
            linger,
            drainTimeout);
    return new IngestServer(settings, registry(), closeListener(), statusListener());
  }
}
