package dev.ingest;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.tngtech.archunit.base.DescribedPredicate;
import com.tngtech.archunit.core.domain.Dependency;
import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import java.net.URL;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

/** The data flow is the architecture: a package uses those after it in the flow, and no other. */
class ArchitectureTest {
  private static final URL LOCATION =
      IngestServer.class.getProtectionDomain().getCodeSource().getLocation();

  private final JavaClasses classes = new ClassFileImporter().importUrl(LOCATION);

  /** What each package may use besides itself. */
  private static final String USES =
      """
      ingest              server ledger log                                          PUBLIC
      server              stream udp receive intake deliver custody deadletter json batch decode ledger jfr log  PUBLIC
      udp                 receive intake log                                         source stats
      stream              receive intake file log                                    source stats
      receive             log                                                        stats
      intake              custody ledger deadletter batch decode jfr log               policy source stats
      deliver             custody spool deadletter batch decode jfr log                policy record sink stats
      custody             spool ledger batch                                         policy stats
      spool               batch file log                                             policy record
      ledger                                                                         stats
      deadletter          file json ledger log                                       stats
      json                batch decode log                                           record stats
      batch               decode log                                                 record
      decode                                                                         stats
      jfr                                                                            policy
      log
      file
      sink                                                                           record
      source
      policy
      annotation
      record                                                                         annotation
      stats
      cleanup
      """;

  private static final String PUBLIC = "annotation cleanup policy record sink source stats";

  @Test
  void imports_run_one_way() {
    Map<String, Set<String>> allowed =
        USES.replace("PUBLIC", PUBLIC)
            .lines()
            .map(line -> List.of(line.split(" +")))
            .collect(Collectors.toMap(words -> words.get(0), Set::copyOf));
    for (JavaClass type : classes) {
      String from = lastWord(type.getPackageName());
      for (Dependency dependency : type.getDirectDependenciesFromSelf()) {
        String to = dependency.getTargetClass().getPackageName();
        if (to.startsWith("dev.ingest") && !type.getName().equals("module-info")) {
          assertTrue(
              allowed.getOrDefault(from, Set.of()).contains(lastWord(to)),
              () -> from + " must not use " + lastWord(to) + ": " + dependency.getDescription());
        }
      }
    }
  }

  private static String lastWord(String packageName) {
    return packageName.substring(packageName.lastIndexOf('.') + 1);
  }

  @Test
  void there_are_no_circles() {
    slices().matching("dev.ingest.(**)").should().beFreeOfCycles().check(classes);
  }

  @Test
  void only_json_uses_jackson() {
    noClasses()
        .that()
        .resideOutsideOfPackage("dev.ingest.internal.json")
        .should()
        .dependOnClassesThat()
        .resideInAPackage("tools.jackson..")
        .check(classes);
  }

  @Test
  void only_the_cleanup_prints_and_only_to_standard_error() {
    noClasses().should().accessField(System.class, "out").check(classes);
    noClasses()
        .that()
        .resideOutsideOfPackage("dev.ingest.cleanup")
        .should()
        .accessField(System.class, "err")
        .orShould()
        .callMethod(Throwable.class, "printStackTrace")
        .check(classes);
  }

  @Test
  void only_the_log_calls_loggers_of_the_host_since_these_may_block() {
    noClasses()
        .that()
        .resideOutsideOfPackage("dev.ingest.internal.log")
        .should()
        .callMethodWhere(
            DescribedPredicate.describe(
                "System.getLogger",
                call ->
                    call.getTargetOwner().isEquivalentTo(System.class)
                        && call.getName().equals("getLogger")))
        .orShould()
        .dependOnClassesThat()
        .resideInAPackage("java.util.logging..")
        .check(classes);
  }

  @Test
  void all_classes_are_checked() {
    assertTrue(classes.contain(IngestServer.class) && classes.size() > 30, classes::toString);
  }
}
