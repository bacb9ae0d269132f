package dev.ingest.internal.receive.udp;

import java.io.IOException;

/** Reads datagrams from a socket into a burst, without waiting. */
interface DatagramReader {
  /**
   * Fills the burst, which is empty, with what is there.
   *
   * @return false if nothing was read
   * @throws IOException if the socket cannot be read
   */
  boolean read() throws IOException;
}
