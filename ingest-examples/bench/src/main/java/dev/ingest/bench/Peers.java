package dev.ingest.bench;

import dev.ingest.bench.PeerProgram.Storage;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** The programs that are measured beside the library, where this machine has what they need. */
final class Peers {
  /** The name of {@code limit.c} in the results. */
  static final String LIMIT = "limit";

  /** The name of rsyslog in the results. */
  static final String RSYSLOG = "rsyslog";

  /** The name of syslog-ng in the results. */
  static final String SYSLOG_NG = "syslog-ng";

  private static final Pattern LISTENING = Pattern.compile("(listening)");
  private static final Duration PATIENCE = Duration.ofSeconds(10);

  private final BenchFiles files;

  Peers(BenchFiles files) {
    this.files = files;
  }

  /** Returns the program in C that does the same work at the limit of the machine. */
  Optional<PeerProgram> limit(RecordShape shape) throws InterruptedException {
    try {
      List<String> options = List.of("-O3", "-march=native", "-pthread", "-lsqlite3");
      String program = files.compile("limit", options).toString();
      List<String> command = List.of(program, "PORT", "DATABASE", shape.toString());
      return Optional.of(new PeerProgram(LIMIT, command, LISTENING, Storage.SQLITE, PATIENCE));
    } catch (IOException e) {
      return missing(LIMIT, e);
    }
  }

  /** Returns what people use on datagrams. */
  List<PeerProgram> inUse() {
    return Stream.of(syslogNg(), rsyslog()).flatMap(Optional::stream).toList();
  }

  private Optional<PeerProgram> syslogNg() {
    try {
      String program = BenchFiles.require("syslog-ng").toString();
      String settings = files.unpack("syslog-ng.conf").toAbsolutePath().toString();
      List<String> command = new ArrayList<>(List.of(program, "-F", "-e", "-f", settings));
      command.addAll(List.of("-R", "syslog-ng.persist", "-c", "syslog-ng.ctl"));
      command.addAll(List.of("-p", "syslog-ng.pid"));
      return Optional.of(
          new PeerProgram(
              SYSLOG_NG,
              command,
              Pattern.compile("(syslog-ng starting up)"),
              Storage.SQLITE_IN_WAL,
              PATIENCE));
    } catch (IOException e) {
      return missing(SYSLOG_NG, e);
    }
  }

  Optional<PeerProgram> rsyslog() {
    try {
      String program = BenchFiles.require("rsyslogd").toString();
      String settings = files.unpack("rsyslog.conf").toAbsolutePath().toString();
      List<String> command = List.of(program, "-n", "-f", settings, "-i", "rsyslog.pid");
      return Optional.of(
          new PeerProgram(
              RSYSLOG, command, Pattern.compile("(\\] start)$"), Storage.LINES, PATIENCE));
    } catch (IOException e) {
      return missing(RSYSLOG, e);
    }
  }

  /** Returns the jar of QuestDB, or prints how to get it. */
  static Optional<Path> questDb(@Nullable Path jar) {
    return jar != null
        ? Optional.of(jar)
        : missing(
            QuestDbReceiver.NAME,
            new IOException(
                "--questdb does not name its jar; to get it: mvn -N dependency:copy"
                    + " -Dartifact=org.questdb:questdb:9.3.4 -DoutputDirectory=target/questdb"));
  }

  /** Returns the program that the library grew from, without its delay and with it. */
  List<PeerProgram> originals() {
    try {
      String python = BenchFiles.require("python3").toString();
      String program = files.unpack("original.py").toAbsolutePath().toString();
      List<String> command = List.of(python, program, "PORT", "DATABASE");
      List<String> delayed = new ArrayList<>(command);
      delayed.add("0.1");
      return List.of(
          original("original.py", command, Duration.ofSeconds(3)),
          original("original.py, delay", delayed, Duration.ofSeconds(1)));
    } catch (IOException e) {
      return Peers.<PeerProgram>missing("original.py", e).stream().toList();
    }
  }

  private static PeerProgram original(String name, List<String> command, Duration patience) {
    return new PeerProgram(name, command, LISTENING, Storage.SQLITE, patience);
  }

  private static <T> Optional<T> missing(String name, IOException why) {
    System.out.println(name + " is not run: " + why.getMessage());
    return Optional.empty();
  }
}
