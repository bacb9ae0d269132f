package dev.ingest.bench;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.net.DatagramPacket;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** The two senders of the load test, in processes of their own. */
class LoadSenderIT {
  private static final int RECORDS = 200;

  @TempDir Path directory;

  private List<String> inC = List.of();

  @BeforeEach
  void build() throws Exception {
    if (BenchFiles.find("cc").isPresent()) {
      BenchFiles files = new BenchFiles(directory, directory);
      inC = List.of(files.compile("send", List.of("-Wall", "-Werror")).toString());
    }
  }

  @ParameterizedTest
  @EnumSource
  void both_senders_send_the_same_for_the_same_seed_and_shape(RecordShape shape) throws Exception {
    assumeTrue(!inC.isEmpty(), "there is no cc");
    Load fromC = receive(inC, shape, "plain");
    Load fromJava = receive(inJava(), shape, "plain");
    assertEquals(fromC.datagrams(), fromJava.datagrams());
    assertEquals(fromC.report().sumSensorId(), fromJava.report().sumSensorId());
    assertEquals(fromC.report().sumTemperature(), fromJava.report().sumTemperature());
    assertEquals(RECORDS, fromC.report().sent());
    assertEquals(RECORDS, fromJava.report().sent());
  }

  @Test
  void on_a_stream_both_senders_send_the_same_lines_as_they_send_datagrams() throws Exception {
    List<String> datagrams = receive(inJava(), RecordShape.NESTED, "plain").datagrams();
    for (List<String> sender : senders()) {
      Load load = receiveLines(sender, "tcp:", RecordShape.NESTED, "plain");
      assertEquals(datagrams, load.datagrams());
      assertEquals(RECORDS, load.report().sent());
    }
  }

  @Test
  void the_line_protocol_has_the_values_of_the_json() throws Exception {
    Load json = receive(inJava(), RecordShape.SENSOR, "plain");
    for (List<String> sender : senders()) {
      Load lines = receiveLines(sender, Output.LINE_PROTOCOL, RecordShape.SENSOR, "plain");
      List<String> asJson =
          lines.datagrams().stream()
              .map(line -> line.replaceFirst("^sensor_measurements (\\w+)=", "{\"$1\": "))
              .map(line -> line.replaceAll("i?,(\\w+)=", ", \"$1\": ") + "}")
              .toList();
      assertEquals(json.datagrams(), asJson);
      assertEquals(json.report().sumSensorId(), lines.report().sumSensorId());
      assertEquals(json.report().sumTemperature(), lines.report().sumTemperature());
    }
  }

  @Test
  void the_line_protocol_carries_the_time_of_sending() throws Exception {
    for (List<String> sender : senders()) {
      double before = System.currentTimeMillis() / 1e3;
      Load lines = receiveLines(sender, Output.LINE_PROTOCOL, RecordShape.SENSOR, "stamp");
      String last = lines.datagrams().get(RECORDS - 1);
      assertTrue(before <= Double.parseDouble(last.replaceFirst(".*=", "")), last);
    }
  }

  @Test
  void a_stamp_changes_the_time_and_nothing_else() throws Exception {
    for (List<String> sender : senders()) {
      double before = System.currentTimeMillis() / 1e3;
      List<String> stamped = receive(sender, RecordShape.SHORT, "stamp").datagrams();
      double after = System.currentTimeMillis() / 1e3 + 1e-3;
      List<String> plain = receive(sender, RecordShape.SHORT, "plain").datagrams();
      for (int i = 0; i < plain.size(); i++) {
        int digits = plain.get(i).length() - 1 - Datagram.STAMP_DIGITS;
        assertEquals(plain.get(i).substring(0, digits), stamped.get(i).substring(0, digits));
        double time =
            Double.parseDouble(stamped.get(i).substring(digits, digits + Datagram.STAMP_DIGITS));
        assertTrue(before <= time && time <= after, stamped.get(i));
      }
    }
  }

  /** What was received, and what the sender reported. */
  private record Load(List<String> datagrams, SendReport report) {}

  private List<List<String>> senders() {
    return inC.isEmpty() ? List.of(inJava()) : List.of(inC, inJava());
  }

  private static List<String> inJava() {
    return ChildProcess.java(LoadSender.class, List.of()).command();
  }

  private static ChildProcess start(
      List<String> sender, String target, RecordShape shape, String stamp) throws Exception {
    List<String> command = new ArrayList<>(sender);
    command.addAll(List.of(target, Integer.toString(RECORDS), "4000", "7"));
    command.addAll(List.of(shape.toString(), stamp));
    return ChildProcess.start("the sender", new ProcessBuilder(command));
  }

  private static Load receiveLines(
      List<String> sender, String targetStart, RecordShape shape, String stamp) throws Exception {
    try (ServerSocket listener = new ServerSocket(0, 1, InetAddress.getLoopbackAddress());
        ChildProcess process = start(sender, targetStart + listener.getLocalPort(), shape, stamp);
        Socket connection = listener.accept()) {
      byte[] all = connection.getInputStream().readAllBytes();
      String lines = new String(all, StandardCharsets.UTF_8);
      assertTrue(lines.endsWith("\n"), lines);
      return new Load(lines.lines().toList(), SendReport.parse(process.await(SendReport.LINE)));
    }
  }

  private static Load receive(List<String> sender, RecordShape shape, String stamp)
      throws Exception {
    try (DatagramSocket socket = new DatagramSocket(0, InetAddress.getLoopbackAddress())) {
      socket.setSoTimeout(60_000);
      String target = Integer.toString(socket.getLocalPort());
      try (ChildProcess process = start(sender, target, shape, stamp)) {
        List<String> datagrams = new ArrayList<>();
        DatagramPacket packet = new DatagramPacket(new byte[65_527], 65_527);
        while (datagrams.size() < RECORDS / shape.recordsPerDatagram()) {
          socket.receive(packet);
          datagrams.add(
              new String(packet.getData(), 0, packet.getLength(), StandardCharsets.UTF_8));
          packet.setLength(65_527);
        }
        return new Load(datagrams, SendReport.parse(process.await(SendReport.LINE)));
      }
    }
  }
}
