package dev.ingest.kafka.testing;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.List;
import java.util.stream.Stream;
import kafka.Kafka;
import kafka.tools.StorageTool;

/**
 * Runs a broker, whose folder it formats if it is new. Ends with the program that has started it:
 * then there is nothing more to read from standard input, and the folder is deleted.
 */
final class BrokerProgram {
  /** What is formatted already must have the same. */
  private static final String CLUSTER = "aW5nZXN0LXRlc3RpbmctMQ";

  private BrokerProgram() {}

  /** Takes the file with the broker's properties, in the folder of the broker. */
  public static void main(String[] args) throws Exception {
    Path properties = Path.of(args[0]);
    Thread watcher = new Thread(() -> endWithParent(properties.getParent()), "stdin");
    watcher.setDaemon(true);
    watcher.start();
    String[] format = {"format", "-t", CLUSTER, "-c", args[0], "-g"};
    int status = StorageTool.execute(format, System.out);
    if (status != 0) {
      System.exit(status);
    }
    Kafka.main(new String[] {args[0]});
  }

  private static void endWithParent(Path folder) {
    try {
      while (System.in.read() >= 0) {
        // Nobody writes.
      }
      delete(folder);
    } catch (IOException e) {
      // The end is what matters.
    }
    Runtime.getRuntime().halt(1);
  }

  /** Deletes a folder, in which a broker may still delete files itself. */
  static void delete(Path folder) throws IOException {
    if (!Files.exists(folder)) {
      return;
    }
    List<Path> all;
    try (Stream<Path> found = Files.walk(folder)) {
      all = found.sorted(Comparator.reverseOrder()).toList();
    }
    for (Path path : all) {
      Files.deleteIfExists(path);
    }
  }
}
