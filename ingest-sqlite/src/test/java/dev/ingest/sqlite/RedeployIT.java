package dev.ingest.sqlite;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.ingest.testing.ChildJvm;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A host that loads the library by a class loader of its own, and loads it anew later. */
class RedeployIT {
  @TempDir Path directory;

  @Test
  void the_class_loader_of_a_closed_server_is_collected() {
    try (ChildJvm jvm = ChildJvm.in(directory).start(RedeployProgram.class, directory.toString())) {
      assertEquals(0, jvm.exitStatus(), jvm::toString);
      assertEquals(List.of("stored 2", "collected"), jvm.outLines());
    }
  }
}
