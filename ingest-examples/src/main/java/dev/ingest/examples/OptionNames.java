package dev.ingest.examples;

import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import picocli.CommandLine;

/**
 * Has messages of the library speak of the options of an example, and of the words of a schema
 * file. The library names a setting by its method, {@code drainTimeout()} or {@code tls(...)}, and
 * where a value is wrong by its name alone, {@code drainTimeout is PT0S}. The option of a setting
 * has the same name, {@code --drain-timeout}, but for a few. What the example has no option for
 * keeps the library's name.
 */
final class OptionNames {
  /** The settings whose options have other names. */
  static final Map<String, String> OTHER_NAMES =
      Map.of(
          "overflowPolicy", "--overflow",
          "rate", "--source-rate",
          "filter", "--allow",
          "signed", "--key-file",
          "tls", "--tls-keystore",
          "unwrap", "--format",
          "join", "--interface");

  private static final String NO_QUOTE_OR_CLASS = "(?<![\\w.'\"$])";

  private static final Pattern METHOD =
      Pattern.compile(NO_QUOTE_OR_CLASS + "([a-z]\\w*)\\((?:\\.\\.\\.)?\\)");
  private static final Pattern VALUE = Pattern.compile("(?<=^error: )([a-z]\\w*)(?= is )");
  private static final Pattern UNWRAP =
      Pattern.compile(NO_QUOTE_OR_CLASS + "Unwrap\\.(\\w+)\\((?:\\.\\.\\.)?\\) on the source");
  private static final Pattern SCHEMA_WORD =
      Pattern.compile(
          NO_QUOTE_OR_CLASS + "(from|optional|lenient|epoch|zone)\\((?:([A-Z]+)|\\.\\.\\.)?\\)");

  private final Set<String> options;

  private OptionNames(Set<String> options) {
    this.options = options;
  }

  /** Returns the names of an example's options. */
  static OptionNames of(Object command) {
    return of(new CommandLine(command));
  }

  /** Returns the names of a command's options. */
  static OptionNames of(CommandLine command) {
    return new OptionNames(Set.copyOf(command.getCommandSpec().optionsMap().keySet()));
  }

  /** Returns a line with the names of options in place of those of methods. */
  String translate(String line) {
    String text = METHOD.matcher(line).replaceAll(this::option);
    text = VALUE.matcher(text).replaceAll(this::option);
    if (options.contains("--spool-limit")) {
      text = text.replace("error: the spool's limit is ", "error: --spool-limit is ");
    }
    if (options.contains("--format")) {
      text =
          UNWRAP.matcher(text).replaceAll(to -> "--format " + to.group(1).toUpperCase(Locale.ROOT));
    }
    return options.contains("--schema")
        ? SCHEMA_WORD.matcher(text).replaceAll(OptionNames::schemaWord)
        : text;
  }

  private String option(MatchResult setting) {
    String option = optionOf(setting.group(1));
    return options.contains(option) ? option : setting.group();
  }

  /** Returns the option that a setting would have. */
  static String optionOf(String setting) {
    String other = OTHER_NAMES.get(setting);
    return other != null
        ? other
        : "--" + setting.replaceAll("([A-Z])", "-$1").toLowerCase(Locale.ROOT);
  }

  private static String schemaWord(MatchResult word) {
    String value = word.group(2);
    return "\"" + word.group(1) + "\"" + (value == null ? "" : ": \"" + value + "\"");
  }
}
