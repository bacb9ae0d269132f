package dev.ingest.examples;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.ingest.IngestServerBuilder;
import dev.ingest.policy.Spooling;
import dev.ingest.source.Tcp;
import dev.ingest.source.Udp;
import dev.ingest.source.Unix;
import java.lang.reflect.Method;
import java.lang.reflect.Modifier;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import picocli.CommandLine;

class OptionNamesTest {
  /** What the server has no option for, since its users need none. */
  private static final Set<String> WITHOUT_OPTION =
      Set.of(
          "batchSize",
          "retryPolicy",
          "cleanupRegistry",
          "drainAtExit",
          "onStatus",
          "onClose",
          "source",
          "limit");

  /** What no user of the server meets: it is said to a program's host, or is SQL. */
  private static final Set<String> NOT_SHOWN =
      Set.of("close", "start", "now", "pg_backend_pid", "wal_checkpoint");

  private final CommandLine command = new CommandLine(new SensorServer(new StatusLine(System.out)));
  private final OptionNames names = OptionNames.of(command);

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "raise drainTimeout()                | raise --drain-timeout",
        "raise maxConnections(), or set idleTimeout() | raise --max-connections, or set --idle-timeout",
        "expected a Schema, by schema(...)   | expected a Schema, by --schema",
        "set overflowPolicy(...)             | set --overflow",
        "raise batchSize()                   | raise batchSize()",
        "error: queueCapacity is 0: expected | error: --queue-capacity is 0: expected",
        "error: rate is 0                    | error: --source-rate is 0",
        "error: the port rate is 0           | error: the port rate is 0",
        "error: the spool's limit is 5       | error: --spool-limit is 5",
        "or set Unwrap.gzip(...) on the source | or set --format GZIP",
        "milliseconds, set epoch(MILLIS)     | milliseconds, set \"epoch\": \"MILLIS\"",
        "one time zone, set zone(...)        | one time zone, set \"zone\"",
        "make the field optional()           | make the field \"optional\"",
        "field 'drainTimeout()' is           | field 'drainTimeout()' is",
        "at dev.ingest.X.spool(X.java:12)    | at dev.ingest.X.spool(X.java:12)",
        "X.drainTimeout()                    | X.drainTimeout()"
      })
  void messages_name_options(String message, String expected) {
    assertEquals(expected, names.translate(message));
  }

  @Test
  void each_setting_of_the_library_has_an_option_or_is_known_to_have_none() {
    Set<String> unknown = new TreeSet<>();
    for (Class<?> type :
        List.of(IngestServerBuilder.class, Udp.class, Tcp.class, Unix.class, Spooling.class)) {
      for (Method method : type.getMethods()) {
        boolean isSetting =
            method.getParameterCount() > 0
                && !Modifier.isStatic(method.getModifiers())
                && method.getReturnType().isAssignableFrom(type)
                && method.getReturnType() != Object.class;
        String option = OptionNames.optionOf(method.getName());
        if (isSetting && !command.getCommandSpec().optionsMap().containsKey(option)) {
          unknown.add(method.getName());
        }
      }
    }
    assertEquals(new TreeSet<>(WITHOUT_OPTION), unknown);
  }

  /** But for the methods of a batch, {@code %s()}, which are for those who write a sink. */
  @Test
  void no_message_in_the_library_names_a_method_to_the_server_s_user() throws Exception {
    Pattern literal = Pattern.compile("\"(?:[^\"\\\\]|\\\\.)*\"");
    Pattern method = Pattern.compile("(?<![\\w.%])([a-z]\\w*)\\((?:\\.\\.\\.|[A-Z]+)?\\)");
    List<String> left = new ArrayList<>();
    int translated = 0;
    for (Path file : sources()) {
      for (String line : Files.readAllLines(file)) {
        boolean isDocumentation = line.strip().startsWith("*") || line.strip().startsWith("@");
        for (String text :
            isDocumentation
                ? List.<String>of()
                : literal.matcher(line).results().map(found -> found.group()).toList()) {
          String message = text.substring(1, text.length() - 1);
          String shown = names.translate(message);
          translated += shown.equals(message) ? 0 : 1;
          method
              .matcher(shown)
              .results()
              .filter(found -> !NOT_SHOWN.contains(found.group(1)))
              .forEach(found -> left.add(file.getFileName() + ": " + text));
        }
      }
    }
    assertEquals(List.of(), left);
    assertTrue(translated > 10, "so many messages did name one: " + translated);
  }

  private static List<Path> sources() throws Exception {
    List<Path> all = new ArrayList<>();
    for (String module : List.of("core", "sqlite", "jdbc", "kafka")) {
      try (Stream<Path> files =
          Files.walk(Path.of("..", "ingest-" + module, "src", "main", "java"))) {
        files.filter(file -> file.toString().endsWith(".java")).forEach(all::add);
      }
    }
    return all;
  }
}
