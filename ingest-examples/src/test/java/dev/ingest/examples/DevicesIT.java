package dev.ingest.examples;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.ingest.IngestServer;
import dev.ingest.IngestServerBuilder;
import dev.ingest.cleanup.CleanupRegistry;
import dev.ingest.record.Schema;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.DatagramPacket;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.zip.GZIPOutputStream;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import picocli.CommandLine;
import picocli.CommandLine.Model.CommandSpec;

/** The devices of DEVICES.md, each with a server of its own. */
class DevicesIT {
  @TempDir Path directory;

  static List<Device> devices() throws IOException {
    return Device.all();
  }

  @Test
  void there_are_at_least_twenty_devices_with_different_names() throws IOException {
    assertTrue(devices().stream().map(Device::name).distinct().count() >= 20);
  }

  @ParameterizedTest
  @MethodSource("devices")
  void the_payload_becomes_the_rows_to_the_last_digit(Device device) throws Exception {
    Schema schema =
        SchemaFile.read(Files.writeString(directory.resolve("schema.json"), device.schema()));
    Path database = directory.resolve("devices.db");
    double before = System.currentTimeMillis() / 1e3;
    String sender;
    try (IngestServer server = start(device, schema, database);
        DatagramSocket socket = new DatagramSocket(0, InetAddress.getLoopbackAddress())) {
      byte[] payload = payload(device);
      socket.send(new DatagramPacket(payload, payload.length, server.localAddress()));
      sender = "127.0.0.1:" + socket.getLocalPort();
      Awaitility.await()
          .atMost(Duration.ofMinutes(2))
          .until(() -> server.stats().messages().received() == 1);
    }
    List<Map<String, Object>> rows = rows(database, schema);
    double after = System.currentTimeMillis() / 1e3 + 1e-3;
    rows.forEach(row -> row.replaceAll((column, value) -> shown(value, sender, before, after)));
    assertEquals(device.rows(), rows);
  }

  private static IngestServer start(Device device, Schema schema, Path database) throws Exception {
    SourceOptions sources = new SourceOptions();
    List<String> args = new ArrayList<>(List.of("--bind", "127.0.0.1:0"));
    args.addAll(device.options());
    new CommandLine(CommandSpec.forAnnotatedObject(sources))
        .setCaseInsensitiveEnumValuesAllowed(true)
        .parseArgs(args.toArray(String[]::new));
    IngestServerBuilder builder =
        IngestServer.builder()
            .schema(schema)
            .sink("sqlite:" + database)
            .cleanupRegistry(CleanupRegistry.create());
    sources.addTo(builder);
    return builder.build().start();
  }

  private static byte[] payload(Device device) throws IOException {
    byte[] payload = device.payload().getBytes(UTF_8);
    if (!device.options().contains("gzip")) {
      return payload;
    }
    ByteArrayOutputStream compressed = new ByteArrayOutputStream();
    try (GZIPOutputStream gzip = new GZIPOutputStream(compressed)) {
      gzip.write(payload);
    }
    return compressed.toByteArray();
  }

  /** Returns a value, or the word that stands for it in the file. */
  private static Object shown(Object value, String sender, double before, double after) {
    if (sender.equals(value)) {
      return "SENDER";
    }
    return value instanceof Double time && before <= time && time <= after ? "RECEIVED" : value;
  }

  private static List<Map<String, Object>> rows(Path database, Schema schema) throws Exception {
    try (Connection connection = DriverManager.getConnection("jdbc:sqlite:" + database);
        Statement statement = connection.createStatement();
        ResultSet result =
            statement.executeQuery("SELECT * FROM \"" + schema.name() + "\" ORDER BY rowid")) {
      List<Map<String, Object>> rows = new ArrayList<>();
      while (result.next()) {
        Map<String, Object> row = new LinkedHashMap<>();
        for (int column = 1; column <= result.getMetaData().getColumnCount(); column++) {
          Object value = result.getObject(column); // by the type of the value, not of the column
          row.put(
              result.getMetaData().getColumnName(column),
              value instanceof Integer number ? (Object) number.longValue() : value);
        }
        rows.add(row);
      }
      return rows;
    }
  }
}
