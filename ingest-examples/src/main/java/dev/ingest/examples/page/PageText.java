package dev.ingest.examples.page;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Base64;
import java.util.Map;
import java.util.Objects;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** The page: HTML with its style and its script, and what stands in {@code {{name}}} filled in. */
final class PageText {
  private static final Pattern NAME = Pattern.compile("\\{\\{([a-z-]+)}}");

  private final String html = resource("page.html");
  private final String style = resource("page.css");
  private final String script = resource("page.js");

  /**
   * Returns the header that forbids the page everything but its own style, its own script, which
   * are known by their hashes, and requests to this server (Content Security Policy Level 3).
   */
  String securityPolicy() {
    return "default-src 'none'; connect-src 'self'; style-src '%s'; script-src '%s'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
        .formatted(hash(style), hash(script));
  }

  /** Returns the page with texts, which are escaped, in place of their names. */
  byte[] with(Map<String, String> texts) {
    Matcher names = NAME.matcher(html);
    String filled =
        names.replaceAll(
            name -> Matcher.quoteReplacement(escape(texts.getOrDefault(name.group(1), "unknown"))));
    return filled
        .replace("<style></style>", "<style>" + style + "</style>")
        .replace("<script></script>", "<script>" + script + "</script>")
        .getBytes(UTF_8);
  }

  /** Returns text for an element of HTML, or for an attribute in double quotes. */
  static String escape(String text) {
    return text.replace("&", "&amp;")
        .replace("<", "&lt;")
        .replace(">", "&gt;")
        .replace("\"", "&quot;");
  }

  private static String hash(String text) {
    try {
      byte[] hash = MessageDigest.getInstance("SHA-256").digest(text.getBytes(UTF_8));
      return "sha256-" + Base64.getEncoder().encodeToString(hash);
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every Java platform has SHA-256", e);
    }
  }

  private static String resource(String name) {
    try (InputStream in = PageText.class.getResourceAsStream(name)) {
      return new String(Objects.requireNonNull(in, name).readAllBytes(), UTF_8);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
