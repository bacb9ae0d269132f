package dev.ingest.examples.page;

import java.time.Instant;
import java.util.List;

/**
 * What was rejected last, and why.
 *
 * @param note where the letters are from, or why there are none
 * @param letters the newest first
 */
public record Rejects(String note, List<Rejected> letters) {
  /**
   * A message or a record that was rejected.
   *
   * @param time when
   * @param source who sent it
   * @param reason the name of the reason
   * @param detail what was wrong with it
   * @param payload the beginning of it
   */
  public record Rejected(
      Instant time, String source, String reason, String detail, String payload) {}
}
