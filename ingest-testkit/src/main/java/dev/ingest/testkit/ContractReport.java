package dev.ingest.testkit;

import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.concurrent.ConcurrentHashMap;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.extension.AfterAllCallback;
import org.junit.jupiter.api.extension.AfterEachCallback;
import org.junit.jupiter.api.extension.ExtensionContext;
import org.junit.jupiter.api.extension.TestWatcher;

/** Reports, when all tests of a sink have run, which rules they proved and which not, and why. */
final class ContractReport implements TestWatcher, AfterEachCallback, AfterAllCallback {
  private static final Pattern RULE = Pattern.compile("(?<=^|_)s[0-9]+(?=_)");
  private static final Comparator<String> BY_NUMBER =
      Comparator.comparingInt(rule -> Integer.parseInt(rule.substring(1)));

  private final Map<Class<?>, Results> results = new ConcurrentHashMap<>();

  /** What became of the tests of one class. */
  private static final class Results {
    final Set<String> proved = new TreeSet<>(BY_NUMBER);
    final Map<String, Set<String>> unproved = new TreeMap<>(); // the rules, by the reason
    final Set<String> failed = new TreeSet<>(BY_NUMBER);
    Set<Deviation> deviations = Set.of();
  }

  @Override
  public void afterEach(ExtensionContext context) {
    if (context.getRequiredTestInstance() instanceof SinkUnderTest test) {
      of(context).deviations = test.deviations();
    }
  }

  @Override
  public void testSuccessful(ExtensionContext context) {
    of(context).proved.addAll(rules(context));
  }

  @Override
  public void testAborted(ExtensionContext context, @Nullable Throwable cause) {
    unproved(context, cause == null ? "skipped" : String.valueOf(cause.getMessage()));
  }

  @Override
  public void testDisabled(ExtensionContext context, Optional<String> reason) {
    unproved(context, reason.orElse("disabled"));
  }

  @Override
  public void testFailed(ExtensionContext context, @Nullable Throwable cause) {
    of(context).failed.addAll(rules(context));
  }

  private void unproved(ExtensionContext context, String reason) {
    of(context)
        .unproved
        .computeIfAbsent(reason, key -> new TreeSet<>(BY_NUMBER))
        .addAll(rules(context));
  }

  @Override
  public void afterAll(ExtensionContext context) {
    Results found = results.remove(context.getRequiredTestClass());
    if (found != null) {
      String report = report(found);
      context.publishReportEntry("sink contract", report);
      System.out.println(context.getDisplayName() + ": " + report);
    }
  }

  private static String report(Results found) {
    Set<String> notRun = new TreeSet<>(BY_NUMBER);
    for (Class<?> part : List.of(SinkContract.class, SinkFaultContract.class)) {
      Arrays.stream(part.getDeclaredMethods())
          .forEach(test -> notRun.addAll(rules(test.getName())));
    }
    notRun.removeAll(found.proved);
    notRun.removeAll(found.failed);
    found.unproved.values().forEach(notRun::removeAll);
    found.unproved.put("not run", notRun);
    found.unproved.values().forEach(rules -> rules.removeAll(found.failed));
    found.unproved.values().removeIf(Set::isEmpty);
    found.proved.removeAll(found.failed);
    found.unproved.values().forEach(found.proved::removeAll);
    StringBuilder report = new StringBuilder("proved: ").append(listed(found.proved));
    if (!found.failed.isEmpty()) {
      report.append("; FAILED: ").append(listed(found.failed));
    }
    if (!found.unproved.isEmpty()) {
      report.append(
          found.unproved.entrySet().stream()
              .map(entry -> listed(entry.getValue()) + " (" + entry.getKey() + ")")
              .collect(Collectors.joining(", ", "; NOT proved: ", "")));
    }
    if (!found.deviations.isEmpty()) {
      report.append("; deviations: ").append(new TreeSet<>(found.deviations));
    }
    return report.toString();
  }

  private static String listed(Set<String> rules) {
    return rules.isEmpty() ? "none" : String.join(" ", rules);
  }

  private Results of(ExtensionContext context) {
    return results.computeIfAbsent(context.getRequiredTestClass(), key -> new Results());
  }

  private static List<String> rules(ExtensionContext context) {
    return rules(context.getRequiredTestMethod().getName());
  }

  private static List<String> rules(String test) {
    return RULE.matcher(test)
        .results()
        .map(MatchResult::group)
        .map(rule -> rule.replace('s', 'S'))
        .toList();
  }
}
