package dev.ingest.bench;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * Sends a load from a process of its own: the C program where it can be built, otherwise the Java
 * program.
 */
final class Sender {
  /** Which program sends. */
  enum Kind {
    AUTO,
    C,
    JAVA
  }

  private final @Nullable Path program;
  private final RecordShape shape;
  private final String description;

  private Sender(@Nullable Path program, RecordShape shape, String description) {
    this.program = program;
    this.shape = shape;
    this.description = description;
  }

  static Sender choose(Kind kind, BenchFiles files, RecordShape shape)
      throws IOException, InterruptedException {
    String why = "as asked for";
    if (kind != Kind.JAVA) {
      try {
        Path program = files.compile("send", List.of());
        return new Sender(program, shape, "send.c, many records a system call");
      } catch (IOException e) {
        if (kind == Kind.C) {
          throw e;
        }
        why = e.getMessage();
      }
    }
    return new Sender(null, shape, "LoadSender, a system call for each datagram (" + why + ")");
  }

  RecordShape shape() {
    return shape;
  }

  /**
   * Sends records.
   *
   * @param target see {@link Output#open}
   * @param rate in records a second; 0 is as many as the sender can
   * @param stamp whether each datagram carries its time of sending
   */
  SendReport send(String target, long count, double rate, boolean stamp)
      throws IOException, InterruptedException {
    List<String> args =
        List.of(
            target,
            Long.toString(count),
            String.format(Locale.ROOT, "%.3f", rate),
            "1",
            shape.toString(),
            stamp ? "stamp" : "plain");
    try (ChildProcess sender = ChildProcess.start("the sender", command(args))) {
      return SendReport.parse(sender.await(SendReport.LINE));
    }
  }

  private ProcessBuilder command(List<String> args) {
    if (program == null) {
      return ChildProcess.java(LoadSender.class, args);
    }
    List<String> command = new ArrayList<>(List.of(program.toString()));
    command.addAll(args);
    return new ProcessBuilder(command).redirectError(ProcessBuilder.Redirect.INHERIT);
  }

  @Override
  public String toString() {
    return description;
  }
}
