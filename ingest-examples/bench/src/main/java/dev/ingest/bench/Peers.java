package dev.ingest.bench;

import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.regex.Pattern;

/** The programs that are measured beside the library, where this machine has what they need. */
final class Peers {
  /** The name of {@code limit.c} in the results. */
  static final String LIMIT = "limit";

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
      return Optional.of(new PeerProgram(LIMIT, command, LISTENING, false, PATIENCE));
    } catch (IOException e) {
      return missing(LIMIT, e);
    }
  }

  Optional<PeerProgram> syslogNg() {
    try {
      String program = BenchFiles.require("syslog-ng").toString();
      String settings = files.unpack("syslog-ng.conf").toAbsolutePath().toString();
      List<String> command = new ArrayList<>(List.of(program, "-F", "-e", "-f", settings));
      command.addAll(List.of("-R", "syslog-ng.persist", "-c", "syslog-ng.ctl"));
      command.addAll(List.of("-p", "syslog-ng.pid"));
      return Optional.of(
          new PeerProgram(
              "syslog-ng", command, Pattern.compile("(syslog-ng starting up)"), true, PATIENCE));
    } catch (IOException e) {
      return missing("syslog-ng", e);
    }
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
          new PeerProgram("original.py", command, LISTENING, false, Duration.ofSeconds(3)),
          new PeerProgram("original.py, delay", delayed, LISTENING, false, Duration.ofSeconds(1)));
    } catch (IOException e) {
      return missing("original.py", e).stream().toList();
    }
  }

  private static Optional<PeerProgram> missing(String name, IOException why) {
    System.out.println(name + " is not run: " + why.getMessage());
    return Optional.empty();
  }
}
