package dev.ingest;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;

import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaModifier;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import java.lang.module.ModuleDescriptor;
import java.lang.module.ModuleFinder;
import java.net.URL;
import java.nio.file.Path;
import java.util.List;
import java.util.TreeSet;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

/** What a user can see, on purpose: whoever adds to it adds it here. */
class ExportedSurfaceTest {
  private static final List<String> PACKAGES =
      List.of(
          "dev.ingest",
          "dev.ingest.annotation",
          "dev.ingest.cleanup",
          "dev.ingest.policy",
          "dev.ingest.record",
          "dev.ingest.sink",
          "dev.ingest.source",
          "dev.ingest.stats");

  private static final List<String> TYPES =
      List.of(
          "dev.ingest.CloseEvent",
          "dev.ingest.CloseReason",
          "dev.ingest.IngestServer",
          "dev.ingest.IngestServerBuilder",
          "dev.ingest.ServerStatus",
          "dev.ingest.StatusChange",
          "dev.ingest.annotation.Field",
          "dev.ingest.annotation.ReceivedAt",
          "dev.ingest.annotation.Sender",
          "dev.ingest.cleanup.CleanupException",
          "dev.ingest.cleanup.CleanupRegistry",
          "dev.ingest.policy.JournalSync",
          "dev.ingest.policy.OverflowPolicy",
          "dev.ingest.policy.RejectUnit",
          "dev.ingest.policy.RetryPolicy",
          "dev.ingest.policy.Spooling",
          "dev.ingest.record.Field",
          "dev.ingest.record.FieldType",
          "dev.ingest.record.JournalPosition",
          "dev.ingest.record.RecordBatch",
          "dev.ingest.record.Schema",
          "dev.ingest.sink.RecordConsumer",
          "dev.ingest.sink.Sink",
          "dev.ingest.sink.SinkConfig",
          "dev.ingest.sink.SinkException",
          "dev.ingest.sink.SinkProvider",
          "dev.ingest.source.DatagramSigner",
          "dev.ingest.source.Keys",
          "dev.ingest.source.Networks",
          "dev.ingest.source.Source",
          "dev.ingest.source.StreamSource",
          "dev.ingest.source.Tcp",
          "dev.ingest.source.Udp",
          "dev.ingest.source.Unix",
          "dev.ingest.source.Unwrap",
          "dev.ingest.source.UnwrapException",
          "dev.ingest.stats.DisconnectReason",
          "dev.ingest.stats.DropReason",
          "dev.ingest.stats.IgnoreReason",
          "dev.ingest.stats.IngestStats",
          "dev.ingest.stats.QueueStats",
          "dev.ingest.stats.RejectReason",
          "dev.ingest.stats.WriteStats");

  private static final URL LOCATION =
      IngestServer.class.getProtectionDomain().getCodeSource().getLocation();

  @Test
  void the_module_exports_these_packages_to_everybody() throws Exception {
    ModuleDescriptor module =
        ModuleFinder.of(Path.of(LOCATION.toURI()))
            .find("dev.ingest.core")
            .orElseThrow()
            .descriptor();
    assertEquals(
        PACKAGES,
        module.exports().stream().map(ModuleDescriptor.Exports::source).sorted().toList());
    assertFalse(module.exports().stream().anyMatch(ModuleDescriptor.Exports::isQualified));
    assertFalse(module.isOpen() || !module.opens().isEmpty(), "nothing is open to reflection");
  }

  @Test
  void the_exported_types_are_these() {
    TreeSet<String> found =
        new ClassFileImporter()
            .importUrl(LOCATION).stream()
                .filter(JavaClass::isTopLevelClass)
                .filter(type -> type.getModifiers().contains(JavaModifier.PUBLIC))
                .filter(type -> PACKAGES.contains(type.getPackageName()))
                .map(JavaClass::getName)
                .collect(Collectors.toCollection(TreeSet::new));
    assertEquals(TYPES, List.copyOf(found));
  }
}
