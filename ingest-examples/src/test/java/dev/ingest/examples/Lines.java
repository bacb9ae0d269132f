package dev.ingest.examples;

import static java.nio.charset.StandardCharsets.US_ASCII;

import java.io.IOException;
import java.io.PrintWriter;
import java.net.InetAddress;
import java.net.Socket;

/** Sends numbered readings by TCP, on which nothing is lost. */
final class Lines {
  private Lines() {}

  /**
   * Sends the readings from one number to another, without the latter, and closes the connection.
   */
  static void send(int port, int from, int to) throws IOException {
    try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), port);
        PrintWriter out = new PrintWriter(socket.getOutputStream(), false, US_ASCII)) {
      for (int number = from; number < to; number++) {
        out.println(US_ASCII.decode(CrashVerdict.reading(number)));
      }
      if (out.checkError()) {
        throw new IOException("the server has closed the connection");
      }
    }
  }
}
