package dev.ingest.examples;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.ingest.testing.ChildJvm;
import java.io.IOException;
import java.net.DatagramPacket;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Runs what the projects of EMBEDDING.md are built into, as a user would. */
class EmbeddingIT {
  private static final Path BUILT = Path.of("target", "it");
  private static final int RECORDS = 1_000;
  private static final int SIGTERM = 143;

  @TempDir Path directory;

  @Test
  void a_bean_stores_all_through_the_containers_pool_when_the_process_is_told_to_end()
      throws Exception {
    // Of a Spring Boot jar, which keeps the jars in it, and logs by SLF4J and Logback.
    try (ChildJvm jvm = plain().startJar(built("container", "container.jar"))) {
      sendAndEnd(jvm, "INFO .* app\\.App +: port (\\d+)$");
      assertFalse(jvm.out().contains("SLF4J(W)"), jvm::toString);
      assertEquals(List.of(), jvm.errLinesOfProgram(), jvm::toString);
    }
    assertEquals(RECORDS, rows("jdbc:h2:" + directory.resolve("readings"), "sa"));
  }

  @Test
  void a_shaded_jar_stores_all() throws Exception {
    try (ChildJvm jvm =
        plain().startJar(built("shaded", "shaded.jar"), directory.resolve("a.db").toString())) {
      sendAndEnd(jvm, "^port (\\d+)$");
      assertEquals(List.of(), jvm.errLines(), "no warning, neither of the JVM nor of the library");
    }
    assertEquals(RECORDS, rows("jdbc:sqlite:" + directory.resolve("a.db"), ""));
  }

  @Test
  void without_a_temporary_directory_the_start_says_what_to_do() throws Exception {
    Path jar = built("shaded", "shaded.jar");
    String missing = "-Djava.io.tmpdir=" + directory.resolve("missing");
    String database = directory.resolve("a.db").toString();
    try (ChildJvm jvm = plain().options(missing).startJar(jar, database)) {
      assertEquals(1, jvm.exitStatus(), jvm::toString);
      assertTrue(jvm.err().contains("-Dorg.sqlite.tmpdir=DIRECTORY"), jvm::toString);
    }
    try (ChildJvm jvm =
        plain().options(missing, "-Dorg.sqlite.tmpdir=" + directory).startJar(jar, database)) {
      sendAndEnd(jvm, "^port (\\d+)$");
    }
    assertEquals(RECORDS, rows("jdbc:sqlite:" + database, ""));
  }

  @Test
  void a_runtime_image_stores_all() throws Exception {
    Path image = built("jlink", "maven-jlink/classifiers/image");
    try (ChildJvm jvm =
        plain().image(image).startModule("app/app.App", directory.resolve("a.db").toString())) {
      sendAndEnd(jvm, "^port (\\d+)$");
      assertEquals(List.of(), jvm.errLines(), "no warning, neither of the JVM nor of the library");
    }
    assertEquals(RECORDS, rows("jdbc:sqlite:" + directory.resolve("a.db"), ""));
  }

  private ChildJvm.Launcher plain() {
    return ChildJvm.in(directory).withoutOptions();
  }

  private static Path built(String project, String file) {
    Path built = BUILT.resolve(project).resolve("target").resolve(file);
    assertTrue(built.toFile().exists(), () -> built + " is not there: it is built before the ITs");
    return built.toAbsolutePath();
  }

  private static void sendAndEnd(ChildJvm jvm, String portLine) throws IOException {
    int port = Integer.parseInt(jvm.awaitOut(portLine).group(1));
    try (DatagramSocket socket = new DatagramSocket()) {
      for (int i = 0; i < RECORDS; i++) {
        byte[] record = "{\"sensor_id\":%d,\"temperature\":21.5}".formatted(i).getBytes(UTF_8);
        socket.send(
            new DatagramPacket(record, record.length, InetAddress.getLoopbackAddress(), port));
      }
    }
    jvm.signal("TERM");
    assertEquals(SIGTERM, jvm.exitStatus(), jvm::toString);
  }

  private static int rows(String database, String user) throws SQLException {
    try (Connection connection = DriverManager.getConnection(database, user, "");
        Statement statement = connection.createStatement();
        ResultSet rows =
            statement.executeQuery("SELECT count(DISTINCT \"sensor_id\") FROM \"readings\"")) {
      rows.next();
      return rows.getInt(1);
    }
  }
}
