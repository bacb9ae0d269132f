package dev.ingest.examples;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Predicate;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** What is in a dead-letter file, for people. */
final class LetterSummary {
  private final Path file;
  private final Predicate<String> isTaken;
  private long letters;
  private long bytes;
  private long cut;
  private long taken;
  private final Map<String, Long> reasons = new TreeMap<>();
  private @Nullable Instant first;
  private @Nullable Instant last;
  private final List<String> beginning = new ArrayList<>();

  /**
   * Makes a summary of no letters.
   *
   * @param isTaken tells by its identity whether an earlier replay has taken a letter
   */
  LetterSummary(Path file, Predicate<String> isTaken) {
    this.file = file;
    this.isTaken = isTaken;
  }

  /** Reads a file, and describes what is chosen of it. */
  static String of(Path file, Replay.Choice choice) throws IOException {
    Path spool = LetterSpool.directoryOf(file);
    Set<String> taken = LetterSpool.takenTo(spool);
    LetterSummary summary = new LetterSummary(file, taken::contains);
    LetterFiles files = new LetterFiles(file);
    files.read(
        (identity, letter) -> {
          if (choice.has(letter)) {
            summary.add(identity, letter);
          }
        });
    return summary.counts()
        + waiting(spool)
        + summary.times()
        + (files.linesWithoutLetter() == 0
            ? ""
            : "%nno letter  %,d lines".formatted(files.linesWithoutLetter()))
        + String.join("", summary.beginning);
  }

  /** Says how many records of the letters that were taken are not stored yet. */
  private static String waiting(Path spool) throws IOException {
    AtomicLong records = new AtomicLong();
    if (Files.isDirectory(spool)) {
      new SpoolFiles(spool).read(waiting -> records.incrementAndGet());
    }
    return records.get() == 0
        ? ""
        : "%nwaiting    %,d records in %s".formatted(records.get(), spool);
  }

  /** Counts a letter; returns whether it can be replayed, and was not taken yet. */
  boolean add(String identity, Letter letter) {
    letters++;
    bytes += letter.bytes();
    reasons.merge(Printable.escape(letter.reason()), 1L, Long::sum);
    Instant at = letter.arrival();
    first = first == null || at.isBefore(first) ? at : first;
    last = last == null || at.isAfter(last) ? at : last;
    if (letters <= SpoolSummary.SHOWN) {
      beginning.add(shown(letter));
    }
    if (letter.isCut()) {
      cut++;
    } else if (isTaken.test(identity)) {
      taken++;
    } else {
      return true;
    }
    return false;
  }

  private static String shown(Letter letter) {
    return "%n           %s %s %s: %s%n             %s"
        .formatted(
            letter.arrival(),
            Printable.escape(letter.source()),
            Printable.escape(letter.reason()),
            Printable.start(letter.detail(), SpoolSummary.SHOWN_CHARACTERS),
            Printable.start(text(letter.payload()), SpoolSummary.SHOWN_CHARACTERS));
  }

  /** Returns the text of a payload; of one that is not UTF-8, a character for each byte. */
  private static String text(byte[] payload) {
    try {
      return UTF_8.newDecoder().decode(ByteBuffer.wrap(payload)).toString();
    } catch (CharacterCodingException e) {
      return new String(payload, ISO_8859_1);
    }
  }

  /** Returns how many there are, why, and how many of them cannot be replayed. */
  String counts() {
    return "%s: %,d dead letters, of %,d bytes%s%s%s"
        .formatted(
            file,
            letters,
            bytes,
            reasons.isEmpty() ? "" : "%nreasons    %s".formatted(reasonsText()),
            taken == 0
                ? ""
                : "%ntaken      %,d of them to %s by earlier replays"
                    .formatted(taken, LetterSpool.directoryOf(file)),
            cut == 0
                ? ""
                : "%ncut        %,d of them: only their beginning is kept, so they cannot be replayed"
                    .formatted(cut));
  }

  private String reasonsText() {
    return reasons.entrySet().stream()
        .map(reason -> "%s %,d".formatted(reason.getKey(), reason.getValue()))
        .collect(Collectors.joining(", "));
  }

  private String times() {
    return first == null ? "" : "%nfrom       %s to %s".formatted(first, last);
  }
}
