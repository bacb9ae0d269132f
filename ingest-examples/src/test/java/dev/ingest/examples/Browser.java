package dev.ingest.examples;

import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.net.http.WebSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import tools.jackson.core.JsonParser;
import tools.jackson.core.JsonToken;
import tools.jackson.core.ObjectReadContext;
import tools.jackson.core.json.JsonFactory;

/** A headless Chromium with one page, driven by the Chrome DevTools Protocol. */
final class Browser implements AutoCloseable {
  private static final JsonFactory JSON = new JsonFactory();

  private final Process process;
  private final BlockingQueue<String> messages = new LinkedBlockingQueue<>();
  private final WebSocket socket;
  private int lastId;

  /** Returns the program; empty where it is not installed. */
  static Optional<Path> program() {
    return Stream.of(System.getenv("PATH").split(":"))
        .flatMap(
            folder ->
                Stream.of("chromium", "chromium-browser", "google-chrome")
                    .map(Path.of(folder)::resolve))
        .filter(Files::isExecutable)
        .findFirst();
  }

  /**
   * Starts it with an empty page.
   *
   * @param profile a directory for what it writes, which is not there yet
   */
  Browser(Path program, Path profile) throws Exception {
    process =
        new ProcessBuilder(
                List.of(
                    program.toString(),
                    "--headless",
                    "--no-sandbox",
                    "--disable-gpu",
                    "--disable-quic",
                    "--disable-dev-shm-usage",
                    "--no-first-run",
                    "--disable-background-networking",
                    "--disable-component-update",
                    "--disable-sync",
                    "--remote-debugging-port=0",
                    "--user-data-dir=" + profile,
                    "about:blank"))
            .redirectErrorStream(true)
            .redirectOutput(ProcessBuilder.Redirect.DISCARD)
            .start();
    try {
      HttpClient client = HttpClient.newHttpClient();
      Path port = profile.resolve("DevToolsActivePort");
      await().atMost(Duration.ofSeconds(60)).until(() -> isWritten(port));
      URI pages =
          URI.create(
              "http://127.0.0.1:" + Files.readAllLines(port).get(0) + "/json/new?about:blank");
      String page =
          client
              .send(
                  HttpRequest.newBuilder(pages).PUT(HttpRequest.BodyPublishers.noBody()).build(),
                  BodyHandlers.ofString())
              .body();
      URI address = URI.create(strings(page).get("webSocketDebuggerUrl"));
      socket = client.newWebSocketBuilder().buildAsync(address, new Messages()).join();
    } catch (Exception | Error e) {
      close(process);
      throw e;
    }
  }

  private static boolean isWritten(Path port) throws IOException {
    return Files.exists(port) && Files.readAllLines(port).size() == 2;
  }

  private final class Messages implements WebSocket.Listener {
    private final StringBuilder parts = new StringBuilder();

    @Override
    public CompletionStage<?> onText(WebSocket webSocket, CharSequence data, boolean last) {
      parts.append(data);
      if (last) {
        messages.add(parts.toString());
        parts.setLength(0);
      }
      webSocket.request(1);
      return null;
    }
  }

  /** Opens an address, and waits until it is loaded. */
  void open(String url) throws Exception {
    send("Page.navigate", "\"url\": \"" + url + "\"");
    await()
        .atMost(Duration.ofSeconds(60))
        .until(() -> evaluate("location.href + document.readyState").equals(url + "complete"));
  }

  /** Sets how large the page is, and whether the user likes it dark. */
  void show(int width, int height, String scheme) throws Exception {
    send(
        "Emulation.setDeviceMetricsOverride",
        "\"width\": %d, \"height\": %d, \"deviceScaleFactor\": 1, \"mobile\": %b"
            .formatted(width, height, width < 600));
    send(
        "Emulation.setEmulatedMedia",
        "\"features\": [{\"name\": \"prefers-color-scheme\", \"value\": \"" + scheme + "\"}]");
  }

  /** Returns what a script says, as text. */
  String evaluate(String script) throws Exception {
    String text = script.replace("\\", "\\\\").replace("\"", "\\\"").replace("\n", "\\n");
    Map<String, String> answer =
        send(
            "Runtime.evaluate",
            "\"returnByValue\": true, \"expression\": \"String(" + text + ")\"");
    if (answer.containsKey("exceptionId")) {
      throw new AssertionError(script + ": " + answer);
    }
    return answer.getOrDefault("value", "");
  }

  /** Returns the visible part of the page as a PNG in Base64. */
  String screenshot() throws Exception {
    return send("Page.captureScreenshot", "\"format\": \"png\"").get("data");
  }

  private Map<String, String> send(String method, String parameters) throws Exception {
    int id = ++lastId;
    socket
        .sendText(
            "{\"id\": %d, \"method\": \"%s\", \"params\": {%s}}".formatted(id, method, parameters),
            true)
        .join();
    while (true) {
      String message = messages.poll(60, TimeUnit.SECONDS);
      if (message == null) {
        throw new AssertionError("no answer to " + method);
      }
      Map<String, String> answer = strings(message);
      if (Integer.toString(id).equals(answer.get("id"))) {
        return answer;
      }
    }
  }

  /** Returns the scalars of a JSON text by their names, wherever they stand; the first of each. */
  private static Map<String, String> strings(String json) {
    Map<String, String> found = new HashMap<>();
    try (JsonParser parser = JSON.createParser(ObjectReadContext.empty(), json)) {
      String name = "";
      for (JsonToken token = parser.nextToken(); token != null; token = parser.nextToken()) {
        if (token == JsonToken.PROPERTY_NAME) {
          name = parser.currentName();
        } else if (token.isScalarValue()) {
          found.putIfAbsent(name, parser.getString());
        }
      }
    }
    return found;
  }

  @Override
  public void close() {
    socket.abort();
    close(process);
  }

  private static void close(Process process) {
    List<ProcessHandle> children = process.descendants().toList();
    process.destroyForcibly();
    children.forEach(ProcessHandle::destroyForcibly);
    process.onExit().join();
  }
}
