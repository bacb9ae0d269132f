package dev.ingest;

import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAPackage;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.Architectures.layeredArchitecture;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import java.net.URL;
import org.junit.jupiter.api.Test;

/** The data flow is the architecture: a package knows those after it in the flow, no other. */
class ArchitectureTest {
  private static final URL LOCATION =
      IngestServer.class.getProtectionDomain().getCodeSource().getLocation();

  private final JavaClasses classes = new ClassFileImporter().importUrl(LOCATION);

  @Test
  void imports_run_one_way() {
    layeredArchitecture()
        .consideringOnlyDependenciesInLayers()
        .layer("server")
        .definedBy("dev.ingest")
        .layer("cleanup")
        .definedBy("dev.ingest.cleanup")
        .layer("receive")
        .definedBy("dev.ingest.internal.receive")
        .layer("decode")
        .definedBy("dev.ingest.internal.decode")
        .layer("deliver")
        .definedBy("dev.ingest.internal.deliver")
        .layer("spool")
        .definedBy("dev.ingest.internal.spool")
        .layer("batch")
        .definedBy("dev.ingest.internal.batch")
        .layer("deadletter")
        .definedBy("dev.ingest.internal.deadletter")
        .layer("ledger")
        .definedBy("dev.ingest.internal.ledger")
        .layer("sink")
        .definedBy("dev.ingest.sink")
        .layer("record")
        .definedBy("dev.ingest.record")
        .whereLayer("server")
        .mayNotBeAccessedByAnyLayer()
        .whereLayer("cleanup")
        .mayNotAccessAnyLayer()
        .whereLayer("receive")
        .mayOnlyAccessLayers("decode", "spool", "batch", "deadletter", "ledger", "sink", "record")
        .whereLayer("decode")
        .mayOnlyAccessLayers("batch", "sink", "record")
        .whereLayer("deliver")
        .mayOnlyAccessLayers("spool", "batch", "deadletter", "ledger", "sink", "record")
        .whereLayer("spool")
        .mayOnlyAccessLayers("decode", "batch", "deadletter", "ledger", "record")
        .whereLayer("batch")
        .mayOnlyAccessLayers("sink", "record")
        .whereLayer("deadletter")
        .mayOnlyAccessLayers("ledger", "sink", "record")
        .whereLayer("ledger")
        .mayOnlyAccessLayers("sink", "record")
        .whereLayer("sink")
        .mayOnlyAccessLayers("record")
        .whereLayer("record")
        .mayNotAccessAnyLayer()
        .ensureAllClassesAreContainedInArchitectureIgnoring(resideInAPackage(""))
        .check(classes);
  }

  @Test
  void there_are_no_circles() {
    slices().matching("dev.ingest.(**)").should().beFreeOfCycles().check(classes);
  }

  @Test
  void only_decode_uses_jackson() {
    noClasses()
        .that()
        .resideOutsideOfPackage("dev.ingest.internal.decode")
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
  void all_classes_are_checked() {
    assertTrue(classes.contain(IngestServer.class) && classes.size() > 30, classes::toString);
  }
}
