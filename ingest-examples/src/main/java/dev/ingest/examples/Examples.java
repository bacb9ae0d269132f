package dev.ingest.examples;

import java.util.Arrays;
import java.util.List;
import picocli.CommandLine.Command;

/** Lists the examples, and runs one of them: {@code java -jar ingest-examples.jar Demo}. */
public final class Examples {
  private static final List<Entry> ALL =
      List.of(
          new Entry(Demo.class, Demo::main),
          new Entry(SensorServer.class, SensorServer::main),
          new Entry(SensorClient.class, SensorClient::main),
          new Entry(Replay.class, Replay::main),
          new Entry(JavaRecords.class, JavaRecords::main),
          new Entry(CustomSink.class, CustomSink::main),
          new Entry(CleanupOrder.class, CleanupOrder::main),
          new Entry(CrashTest.class, CrashTest::main));

  private Examples() {}

  /** An example, and its main method. */
  private record Entry(Class<?> type, Main main) {
    String name() {
      return type.getSimpleName();
    }

    @Override
    public String toString() {
      String description = type.getAnnotation(Command.class).description()[0];
      return "  %-13s %s".formatted(name(), description.replaceFirst("(?<=[.;]) .*", ""));
    }
  }

  /** A main method. */
  private interface Main {
    void run(String[] args);
  }

  /**
   * Runs an example, or lists them.
   *
   * @param args an example's name and the arguments for it; nothing or {@code --help} for the list
   */
  public static void main(String[] args) {
    if (args.length == 0 || List.of("--help", "-h").contains(args[0])) {
      System.out.println(list());
      return;
    }
    for (Entry entry : ALL) {
      if (entry.name().equalsIgnoreCase(args[0])) {
        entry.main().run(Arrays.copyOfRange(args, 1, args.length));
        return;
      }
    }
    System.err.println("there is no example '" + Printable.start(args[0], 100) + "'\n" + list());
    Example.exit(2);
  }

  private static String list() {
    StringBuilder list =
        new StringBuilder("Usage: java -jar ingest-examples.jar EXAMPLE [OPTIONS]\n\n");
    ALL.forEach(entry -> list.append(entry).append('\n'));
    return list.append("\nEXAMPLE --help shows its options.").toString();
  }
}
