package dev.ingest;

import dev.ingest.record.RecordBatch;
import dev.ingest.source.StreamSource;
import dev.ingest.source.Tcp;
import dev.ingest.source.Unix;
import java.io.FileWriter;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;

/**
 * A program with a server that stores events of a stream in a file, one number a line, until a
 * signal ends it. The arguments are the file and, for a Unix socket, its path and mode; otherwise
 * it listens on a free port, and prints that.
 */
final class StreamProgram {
  private StreamProgram() {}

  public static void main(String[] args) throws Exception {
    StreamSource<?> source =
        args.length == 1 ? Tcp.on(0) : Unix.at(Path.of(args[1])).mode(Integer.parseInt(args[2], 8));
    IngestServer server =
        IngestServer.builder()
            .schema(Events.SCHEMA)
            .source(source)
            .sink(batch -> store(batch, args[0]))
            .onClose(event -> System.out.println("closed " + event.stats()))
            .build()
            .start();
    if (server.localAddresses().get(0) instanceof InetSocketAddress address) {
      System.out.println("port " + address.getPort());
    }
    System.out.println("up");
    server.awaitClose();
  }

  private static void store(RecordBatch batch, String file) throws IOException {
    StringBuilder lines = new StringBuilder();
    MemorySink.ids(batch).forEach(id -> lines.append(id).append('\n'));
    try (FileWriter writer = new FileWriter(file, StandardCharsets.UTF_8, true)) {
      writer.write(lines.toString());
    }
  }
}
