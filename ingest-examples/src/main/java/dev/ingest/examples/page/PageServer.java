package dev.ingest.examples.page;

import static java.nio.charset.StandardCharsets.US_ASCII;

import com.sun.net.httpserver.HttpServer;
import dev.ingest.IngestServer;
import dev.ingest.micrometer.IngestMetrics;
import dev.ingest.stats.IngestStats;
import io.micrometer.prometheusmetrics.PrometheusConfig;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.lang.System.Logger.Level;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;

/**
 * Serves a page about an {@link IngestServer}, its metrics, its health and its readiness by HTTP.
 * It may begin before the server starts, and end after the server is closed.
 *
 * <p>There is no password and no TLS. What clients can take is bounded: connections by {@value
 * #MOST_CONNECTIONS}, the time for a request by {@value #REQUEST_SECONDS} s, the time to read an
 * answer by {@value #ANSWER_SECONDS} s, threads, and streams of events.
 */
public final class PageServer implements AutoCloseable {
  private static final System.Logger LOGGER = System.getLogger(PageServer.class.getName());

  static final int ANSWER_THREADS = 4;
  static final int MOST_CONNECTIONS = 64;
  static final int REQUEST_SECONDS = 5;
  static final int ANSWER_SECONDS = 10;

  private final IngestServer server;
  private final Supplier<Rejects> rejects;
  private final HttpServer http;
  private final ExecutorService answers =
      Executors.newFixedThreadPool(ANSWER_THREADS, new DaemonThreads("page-answer"));
  private final CountDownLatch closed = new CountDownLatch(1);
  private final AnswerLimit limit = new AnswerLimit(Duration.ofSeconds(ANSWER_SECONDS));
  private final History history = new History();
  private final EventStreams events = new EventStreams(limit, this::beginning);
  private final PrometheusMeterRegistry registry =
      new PrometheusMeterRegistry(PrometheusConfig.DEFAULT);
  private final IngestMetrics metrics;
  private volatile byte[] latest = new byte[0];
  private boolean hasFailed;

  private PageServer(IngestServer server, Supplier<Rejects> rejects, HttpServer http) {
    this.server = server;
    this.rejects = rejects;
    this.http = http;
    this.metrics = new IngestMetrics(server);
  }

  /**
   * Starts to serve. The JDK's HTTP server takes its limits from system properties, which this sets
   * unless they are set; another HTTP server of the process that began earlier has its own.
   *
   * @param address where; port 0 for any free one
   * @param server what to show
   * @param rejects what was rejected last; asked once a second
   * @return the running page
   * @throws IOException if the address cannot be bound; the message names it
   */
  public static PageServer start(
      InetSocketAddress address, IngestServer server, Supplier<Rejects> rejects)
      throws IOException {
    limitClients();
    PageServer page = new PageServer(server, rejects, bind(address));
    page.start();
    return page;
  }

  /** Has an effect until the first HTTP server of the process is made. */
  static void limitClients() {
    limit("sun.net.httpserver.maxReqTime", REQUEST_SECONDS);
    limit("jdk.httpserver.maxConnections", MOST_CONNECTIONS);
  }

  private static void limit(String property, int value) {
    if (System.getProperty(property) == null) {
      System.setProperty(property, Integer.toString(value));
    }
  }

  private static HttpServer bind(InetSocketAddress address) throws IOException {
    String shown = address.getHostString() + ":" + address.getPort();
    if (address.isUnresolved()) {
      throw new IOException("cannot bind HTTP " + shown + ": the host is unknown");
    }
    try {
      return HttpServer.create(address, 0);
    } catch (IOException e) {
      throw new IOException("cannot bind HTTP " + shown + ": " + e.getMessage(), e);
    }
  }

  private void start() {
    metrics.bindTo(registry);
    HostCheck hosts = new HostCheck(http.getAddress().getAddress());
    http.createContext("/", new Routes(server, registry, events, limit, hosts));
    http.setExecutor(answers);
    new DaemonThreads("page-sampler").newThread(this::sampleUntilClosed).start();
    http.start();
  }

  private void sampleUntilClosed() {
    try {
      do {
        sample();
      } while (!closed.await(1, TimeUnit.SECONDS));
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private void sample() {
    try {
      limit.interruptLate();
      IngestStats stats = server.stats();
      History.Point point = history.add(System.nanoTime(), stats);
      latest =
          event(
              "state", Json.state(server.status(), server.failure(), stats, point, rejects.get()));
      events.publish(latest);
    } catch (RuntimeException e) { // which would end the sampling
      if (!hasFailed) {
        LOGGER.log(Level.WARNING, "the page is not up to date: cannot sample the server", e);
        hasFailed = true;
      }
    }
  }

  /** The last point stands in both: the page leaves it out once. */
  private byte[] beginning() {
    ByteArrayOutputStream both = new ByteArrayOutputStream();
    both.writeBytes(event("history", Json.history(history.points())));
    both.writeBytes(latest);
    return both.toByteArray();
  }

  private static byte[] event(String name, byte[] json) {
    return ("event: " + name + "\ndata: " + new String(json, US_ASCII) + "\n\n").getBytes(US_ASCII);
  }

  /**
   * Returns the address.
   *
   * @return the bound one, with the real port
   */
  public InetSocketAddress address() {
    return http.getAddress();
  }

  /** Stops to serve: ends all connections at once. */
  @Override
  public void close() {
    closed.countDown();
    events.close();
    http.stop(0);
    answers.shutdownNow();
    metrics.close();
    registry.close();
  }
}
