package dev.ingest.examples;

import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.ingest.testing.ChildJvm;
import java.net.DatagramPacket;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The page in a real browser. */
class PageBrowserIT {
  private static final String HOSTILE =
      "</script><script>document.title = 'owned'</script><img src=x onerror=\"document.title='owned'\">'";

  @TempDir Path directory;

  @Test
  void the_page_follows_what_is_sent_shows_rejects_as_text_and_fits_a_phone_and_a_desk()
      throws Exception {
    Optional<Path> program = Browser.program();
    assumeTrue(program.isPresent(), "there is no Chromium: install Debian's package chromium");
    try (ChildJvm server =
            ExamplesJar.start(
                directory,
                SensorServer.class,
                "--bind",
                "127.0.0.1:0",
                "--dead-letters",
                "dead.ndjson",
                "--http",
                "0");
        Browser browser = new Browser(program.get(), directory.resolve("profile"))) {
      String url = server.awaitOut("page at (\\S+)").group(1);
      int port = Integer.parseInt(server.awaitOut("listening on \\S*:(\\d+)").group(1));
      browser.open(url);
      for (int i = 0; i < 1_234; i++) {
        send(port, "{\"sensor_id\": 1, \"temperature\": 1, \"humidity\": 1, \"ingested_at\": 0}");
      }
      send(port, HOSTILE);
      awaitText(browser, "[data-n=received]", "1,235");
      awaitText(browser, "[data-n=persisted]", "1,234");
      awaitText(browser, "[data-n=rejected]", "1");
      awaitText(browser, "#status", "RUNNING");
      awaitText(browser, "#reject-list code", HOSTILE);
      awaitText(browser, "#reason-list i", "MALFORMED_JSON");
      assertEquals("ingest", browser.evaluate("document.title"));
      assertEquals("1", browser.evaluate("document.scripts.length"));
      assertEquals("0", browser.evaluate("document.images.length"));
      assertEquals("2", browser.evaluate("document.querySelectorAll('.mark.yes').length"));
      awaitTrue(browser, "document.querySelector('.decoded.line').getAttribute('d').includes('L')");
      assertTrue(
          browser
              .evaluate("document.getElementById('rate-graph').getAttribute('aria-label')")
              .startsWith("Rates, a second over the last ten minutes. records decoded: now "));
      for (int width : new int[] {360, 1440}) {
        for (String scheme : new String[] {"light", "dark"}) {
          browser.show(width, 900, scheme);
          awaitTrue(browser, "innerWidth === " + width);
          assertEquals(
              "true",
              browser.evaluate(
                  "document.documentElement.scrollWidth <= document.documentElement.clientWidth"),
              () -> width + " px");
        }
      }
      server.signal("KILL");
      awaitText(browser, "#status", "offline");
    }
  }

  private static void awaitText(Browser browser, String selector, String text) {
    await()
        .atMost(Duration.ofSeconds(60))
        .untilAsserted(
            () ->
                assertEquals(
                    text,
                    browser.evaluate(
                        "(document.querySelector('" + selector + "') || {}).textContent")));
  }

  private static void awaitTrue(Browser browser, String script) {
    await().atMost(Duration.ofSeconds(60)).until(() -> browser.evaluate(script).equals("true"));
  }

  private static void send(int port, String text) throws Exception {
    byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
    try (DatagramSocket socket = new DatagramSocket()) {
      socket.send(new DatagramPacket(bytes, bytes.length, InetAddress.getLoopbackAddress(), port));
    }
  }
}
