package dev.ingest.examples.page;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.sun.net.httpserver.Headers;
import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpHandler;
import dev.ingest.IngestServer;
import dev.ingest.ServerStatus;
import dev.ingest.stats.IngestStats;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import java.io.IOException;
import java.lang.System.Logger.Level;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;

/** Answers requests. */
final class Routes implements HttpHandler {
  private static final System.Logger LOGGER = System.getLogger(Routes.class.getName());

  private static final String JSON = "application/json";
  private static final String PLAIN = "text/plain; charset=utf-8";

  private final IngestServer server;
  private final PrometheusMeterRegistry registry;
  private final EventStreams events;
  private final AnswerLimit limit;
  private final HostCheck hosts;
  private final PageText page = new PageText();

  Routes(
      IngestServer server,
      PrometheusMeterRegistry registry,
      EventStreams events,
      AnswerLimit limit,
      HostCheck hosts) {
    this.server = server;
    this.registry = registry;
    this.events = events;
    this.limit = limit;
    this.hosts = hosts;
  }

  @Override
  public void handle(HttpExchange exchange) throws IOException {
    try {
      limit.write(() -> answer(exchange));
    } catch (RuntimeException e) {
      LOGGER.log(Level.WARNING, "cannot answer " + exchange.getRequestURI().getRawPath(), e);
      exchange.close();
    }
  }

  private void answer(HttpExchange exchange) throws IOException {
    Headers headers = exchange.getResponseHeaders();
    headers.set("X-Content-Type-Options", "nosniff");
    headers.set("Cross-Origin-Resource-Policy", "same-origin");
    headers.set("Referrer-Policy", "no-referrer");
    headers.set("Cache-Control", "no-store");
    headers.set("Content-Security-Policy", page.securityPolicy());
    if (!hosts.allows(exchange.getRequestHeaders().get("Host"))) {
      send(exchange, 403, PLAIN, "Ask for localhost, 127.0.0.1 or [::1]: this page is for them.\n");
    } else if (!isGet(exchange) && !isHead(exchange)) {
      headers.set("Allow", "GET, HEAD");
      send(exchange, 405, PLAIN, "Only GET and HEAD are allowed.\n");
    } else {
      answerPath(exchange, exchange.getRequestURI().getPath());
    }
  }

  private void answerPath(HttpExchange exchange, String path) throws IOException {
    switch (path) {
      case "/" -> send(exchange, 200, "text/html; charset=utf-8", page.with(texts()));
      case "/metrics" ->
          send(exchange, 200, "text/plain; version=0.0.4; charset=utf-8", registry.scrape());
      case "/health" -> send(exchange, hasFailed() ? 503 : 200, JSON, status());
      case "/ready" -> send(exchange, server.isReady() ? 200 : 503, JSON, status());
      case "/events" -> answerEvents(exchange);
      default ->
          send(exchange, 404, PLAIN, "There are /, /metrics, /health, /ready and /events.\n");
    }
  }

  /**
   * Tells whether the server ends, or has ended, because of a failure of its own, so that only a
   * restart helps. A sink that fails is no such thing, and a drain must not be cut short.
   */
  private boolean hasFailed() {
    ServerStatus status = server.status();
    return (status == ServerStatus.CLOSING || status == ServerStatus.CLOSED)
        && server.failure().isPresent();
  }

  private byte[] status() {
    return Json.status(server.status(), server.failure());
  }

  private Map<String, String> texts() {
    IngestStats stats = server.stats();
    Map<String, String> texts = new HashMap<>();
    Numbers.of(stats).forEach((name, number) -> texts.put(name, Numbers.text(number)));
    texts.put("server", server.toString().replaceFirst("^ingest server ", ""));
    texts.put("status", server.status().name());
    Optional<Throwable> failure = server.failure();
    texts.put("failure", failure.map(Json::text).orElse(""));
    return texts;
  }

  private void answerEvents(HttpExchange exchange) throws IOException {
    exchange.getResponseHeaders().set("Content-Type", "text/event-stream");
    if (isHead(exchange)) {
      exchange.sendResponseHeaders(200, -1);
      exchange.close();
    } else if (!events.open(exchange)) {
      exchange.getResponseHeaders().set("Retry-After", "10");
      send(
          exchange,
          503,
          PLAIN,
          "There are " + EventStreams.MOST + " streams already: close a page, and try again.\n");
    }
  }

  private static boolean isGet(HttpExchange exchange) {
    return exchange.getRequestMethod().equals("GET");
  }

  private static boolean isHead(HttpExchange exchange) {
    return exchange.getRequestMethod().equals("HEAD");
  }

  private static void send(HttpExchange exchange, int code, String type, String text)
      throws IOException {
    send(exchange, code, type, text.getBytes(UTF_8));
  }

  private static void send(HttpExchange exchange, int code, String type, byte[] body)
      throws IOException {
    try (exchange) {
      exchange.getResponseHeaders().set("Content-Type", type);
      if (isHead(exchange)) {
        exchange.getResponseHeaders().set("Content-Length", Integer.toString(body.length));
        exchange.sendResponseHeaders(code, -1);
      } else {
        exchange.sendResponseHeaders(code, body.length);
        exchange.getResponseBody().write(body);
      }
    }
  }
}
