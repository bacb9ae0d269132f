package dev.ingest.testkit;

import java.lang.reflect.Method;
import java.util.Arrays;
import java.util.Collection;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.concurrent.ConcurrentHashMap;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.AfterAllCallback;
import org.junit.jupiter.api.extension.AfterEachCallback;
import org.junit.jupiter.api.extension.ExtensionContext;
import org.junit.jupiter.api.extension.TestWatcher;

/** Reports, when all tests of a sink have run, which rules they proved and which not, and why. */
final class ContractReport implements TestWatcher, AfterEachCallback, AfterAllCallback {
  private static final Pattern RULE = Pattern.compile("(?<=^|_)s[0-9]+(?=_)");
  private static final Comparator<String> BY_NUMBER =
      Comparator.comparingInt(rule -> Integer.parseInt(rule.substring(1)));

  private static final List<String> TESTS =
      Stream.of(SinkContract.class, SinkFaultContract.class)
          .flatMap(part -> Arrays.stream(part.getDeclaredMethods()))
          .filter(method -> method.isAnnotationPresent(Test.class))
          .map(Method::getName)
          .toList();

  private final Map<Class<?>, Results> results = new ConcurrentHashMap<>();

  /** What became of the tests of one class. */
  private static final class Results {
    final Map<String, String> unproved = new TreeMap<>(); // the reasons, by the test
    final Set<String> failed = new TreeSet<>();
    Set<Deviation> deviations = Set.of();

    Results() {
      TESTS.forEach(test -> unproved.put(test, "not run"));
    }
  }

  @Override
  public void afterEach(ExtensionContext context) {
    if (context.getRequiredTestInstance() instanceof SinkUnderTest test) {
      of(context).deviations = test.deviations();
    }
  }

  @Override
  public void testSuccessful(ExtensionContext context) {
    of(context).unproved.remove(test(context));
  }

  @Override
  public void testAborted(ExtensionContext context, @Nullable Throwable cause) {
    of(context)
        .unproved
        .put(test(context), cause == null ? "skipped" : String.valueOf(cause.getMessage()));
  }

  @Override
  public void testDisabled(ExtensionContext context, Optional<String> reason) {
    of(context).unproved.put(test(context), reason.orElse("disabled"));
  }

  @Override
  public void testFailed(ExtensionContext context, @Nullable Throwable cause) {
    of(context).failed.add(test(context));
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
    Set<String> failed = rules(found.failed);
    Set<String> proved = rules(TESTS);
    proved.removeAll(failed);
    proved.removeAll(rules(found.unproved.keySet()));
    Map<String, Set<String>> byReason = new TreeMap<>();
    found.unproved.forEach(
        (test, reason) ->
            byReason
                .computeIfAbsent(reason, key -> new TreeSet<>(BY_NUMBER))
                .addAll(rules(Set.of(test))));
    byReason.values().forEach(rules -> rules.removeAll(failed));
    byReason.values().removeIf(Set::isEmpty);
    StringBuilder report = new StringBuilder("proved: ").append(listed(proved));
    if (!failed.isEmpty()) {
      report.append("; FAILED: ").append(listed(failed));
    }
    if (!byReason.isEmpty()) {
      report.append(
          byReason.entrySet().stream()
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

  private static String test(ExtensionContext context) {
    return context.getRequiredTestMethod().getName();
  }

  /** Returns the rules in the names of tests. */
  private static Set<String> rules(Collection<String> tests) {
    return tests.stream()
        .flatMap(test -> RULE.matcher(test).results())
        .map(rule -> rule.group().replace('s', 'S'))
        .collect(Collectors.toCollection(() -> new TreeSet<>(BY_NUMBER)));
  }
}
