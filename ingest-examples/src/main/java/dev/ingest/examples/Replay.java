package dev.ingest.examples;

import dev.ingest.IngestServer;
import dev.ingest.IngestServerBuilder;
import java.io.IOException;
import java.nio.file.Path;
import java.time.DateTimeException;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.ArgGroup;
import picocli.CommandLine.Command;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.Option;
import picocli.CommandLine.TypeConversionException;

/**
 * Shows what waits in a spool or a dead-letter file, and sends it to a sink or a server.
 *
 * <p>A server of its own does that, on the spool as it is, and for dead letters on a spool beside
 * their file, see {@link LetterSpool}. So what a sink remembers of positions holds here as well:
 * SQLite, PostgreSQL, and Kafka with a transactional id have each record exactly once, however
 * often this is killed and run again. Another sink may have a record twice if this is killed while
 * it is stored. To a server, records are sent at least once, and nobody knows which arrive.
 */
@Command(
    name = "Replay",
    description =
        "Shows what waits in a spool or a dead-letter file; with --to, sends it to a sink or a"
            + " server. May be stopped, and run again, at any time. The status is 0 if everything"
            + " was stored, and 1 if something became a dead letter.")
public final class Replay implements Callable<Integer> {
  @ArgGroup(multiplicity = "1")
  private @Nullable From from;

  @Option(
      names = "--to",
      paramLabel = "URI",
      description =
          "A sink, such as sqlite:FILE, jdbc:postgresql://HOST/DATABASE or"
              + " kafka:HOST:PORT/TOPIC?transactional_id=NAME; or a server: udp://HOST:PORT,"
              + " tcp://HOST:PORT, tls://HOST:PORT or unix:PATH.")
  private @Nullable String to;

  @Option(
      names = "--schema",
      paramLabel = "FILE",
      description =
          "What the records look like for the sink, as for SensorServer; the readings of"
              + " SensorClient if left out. A server needs none.")
  private @Nullable Path schemaFile;

  @Option(
      names = "--reason",
      paramLabel = "REASON",
      split = ",",
      description = "Only dead letters with one of these reasons, such as REFUSED.")
  private @Nullable List<String> reasons;

  @Option(
      names = "--since",
      paramLabel = "TIME",
      converter = IsoTime.class,
      description =
          "Only what arrived then or later, such as 2026-01-31T12:00:00Z. The time of a letter is"
              + " that of its arrival if it has one, else when it was written.")
  private @Nullable Instant since;

  @Option(
      names = "--until",
      paramLabel = "TIME",
      converter = IsoTime.class,
      description = "Only what arrived before then.")
  private @Nullable Instant until;

  @Option(
      names = "--rate",
      paramLabel = "N",
      defaultValue = "10000",
      description =
          "How many records are sent a second to udp:, which loses what comes too fast;"
              + " ${DEFAULT-VALUE} if left out.")
  private double rate;

  private Replay() {}

  /** Where the records are. */
  private static final class From {
    @Option(
        names = "--spool",
        paramLabel = "DIR",
        description = "The spool directory of a server. It is shown also while the server runs.")
    private @Nullable Path spool;

    @Option(
        names = "--dead-letters",
        paramLabel = "FILE",
        description =
            "The dead-letter file of a server, and FILE.1 if that is there; also while the server"
                + " runs. What was replayed is noted in FILE.replay, and not replayed again. That"
                + " directory is for Replay only, and no server's spool.")
    private @Nullable Path letters;
  }

  /**
   * Runs the tool.
   *
   * @param args the options, see {@code --help}
   */
  public static void main(String[] args) {
    Example.run(new Replay(), args);
  }

  @Override
  public Integer call() throws Exception {
    From source = Objects.requireNonNull(from);
    Choice choice = new Choice(reasons, since, until);
    if (!(rate > 0)) {
      throw new IllegalArgumentException("--rate is " + rate + ": expected more than 0");
    }
    if (source.spool != null) {
      return ofSpool(source.spool, choice);
    }
    return ofLetters(Objects.requireNonNull(source.letters), choice);
  }

  private int ofSpool(Path spool, Choice choice) throws Exception {
    if (reasons != null) {
      throw new IllegalArgumentException("--reason is for --dead-letters: a spool has no reasons");
    }
    if (to == null) {
      System.out.println(SpoolSummary.of(spool, choice));
      return 0;
    }
    if (since != null || until != null) {
      throw new IllegalArgumentException(
          "--since and --until choose what of a spool is shown, and a spool is replayed as a"
              + " whole: leave them out with --to");
    }
    SpoolFiles.requireDirectory(spool); // else the server would make a directory
    IngestServerBuilder receiver = receiver();
    if (!LetterSpool.isOne(spool)) {
      return ReplayServer.run(receiver, spool);
    }
    try (LetterSpool own = LetterSpool.open(spool)) {
      return ReplayServer.run(receiver, own.directory());
    }
  }

  private int ofLetters(Path letters, Choice choice) throws Exception {
    if (to == null) {
      System.out.println(LetterSummary.of(letters, choice));
      return 0;
    }
    IngestServerBuilder receiver = receiver();
    new LetterFiles(letters).requireOne(); // before anything is made beside what is not there
    try (LetterSpool spool = LetterSpool.open(LetterSpool.directoryOf(letters))) {
      System.out.println(take(letters, choice, spool));
      return ReplayServer.run(receiver, spool.directory());
    }
  }

  private static String take(Path letters, Choice choice, LetterSpool spool) throws IOException {
    LetterFiles files = new LetterFiles(letters);
    LetterSummary summary = new LetterSummary(letters, spool::isTaken);
    boolean isWhole =
        files.read(
            (identity, letter) -> {
              if (choice.has(letter) && summary.add(identity, letter)) {
                spool.add(identity, letter);
              }
            });
    spool.commit();
    if (isWhole) {
      spool.forgetAllBut(files.identities());
    } else {
      System.err.println(
          "warning: the server renamed the dead-letter file whenever it was read: letters may be"
              + " missing, so run this again");
    }
    return summary.counts();
  }

  /** Returns a server that stores to the sink, or sends to the server, that is named. */
  private IngestServerBuilder receiver() throws IOException {
    String uri = Objects.requireNonNull(to);
    if (uri.matches("(?is)(udp|tcp|tls)://.*|unix:.*")) {
      Target target = new Target.Converter().convert(uri);
      return IngestServer.builder().schema(ServerSink.SCHEMA).sink(new ServerSink(target, rate));
    }
    return IngestServer.builder()
        .schema(schemaFile == null ? SensorReading.SCHEMA : SchemaFile.read(schemaFile))
        .sink(uri);
  }

  /** Which of the records are meant. */
  record Choice(@Nullable List<String> reasons, @Nullable Instant since, @Nullable Instant until) {
    boolean has(Letter letter) {
      return (reasons == null || reasons.stream().anyMatch(letter.reason()::equalsIgnoreCase))
          && has(letter.arrival());
    }

    /** Tells about a record by when it arrived; null if nobody knows. */
    boolean has(@Nullable Instant arrival) {
      return arrival == null
          ? since == null && until == null
          : (since == null || !arrival.isBefore(since))
              && (until == null || arrival.isBefore(until));
    }
  }

  /** Reads a time with its offset. */
  static final class IsoTime implements ITypeConverter<Instant> {
    @Override
    public Instant convert(String text) {
      try {
        return OffsetDateTime.parse(text).toInstant();
      } catch (DateTimeException e) {
        throw new TypeConversionException(
            "'"
                + text
                + "' is no time: expected one such as 2026-01-31T12:00:00Z or"
                + " 2026-01-31T13:00:00+01:00");
      }
    }
  }
}
