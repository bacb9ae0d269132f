package dev.ingest.examples;

import dev.ingest.CloseReason;
import dev.ingest.IngestServer;
import dev.ingest.IngestServerBuilder;
import dev.ingest.cleanup.CleanupRegistry;
import dev.ingest.examples.page.PageServer;
import dev.ingest.record.Schema;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/**
 * Stores what sensors send until it is stopped, then drains and prints the account. {@code --help}
 * shows the options.
 */
@Command(
    name = "SensorServer",
    description = "Stores what sensors send, until it is stopped by Ctrl-C or SIGTERM.",
    showDefaultValues = true)
public final class SensorServer implements Callable<Integer> {
  @Mixin private final SourceOptions sources = new SourceOptions();

  @Option(
      names = "--schema",
      paramLabel = "FILE",
      description =
          "What the records look like: a JSON file of the words of Schema.Builder, such as"
              + " {\"name\": \"power\", \"fields\": [{\"real\": \"watts\", \"from\": \"/a/b\"}]}. The"
              + " readings of SensorClient if left out.")
  private @Nullable Path schemaFile;

  @Mixin private final StorageOptions storage = new StorageOptions();

  @Option(
      names = "--http",
      paramLabel = "[HOST:]PORT",
      converter = HostAndPort.HttpConverter.class,
      description =
          "Where to serve a page about the server, and /metrics, /health and /ready, by HTTP without"
              + " a password; on loopback with a port alone. Nowhere if left out.")
  private @Nullable HostAndPort http;

  private final StatusLine status;

  SensorServer(StatusLine status) {
    this.status = status;
  }

  /**
   * Runs the server.
   *
   * @param args the options, see {@code --help}
   */
  public static void main(String[] args) {
    PatientOutput.install();
    StatusLine status = new StatusLine(System.out);
    SensorServer server = new SensorServer(status);
    System.setErr(ErrorLines.of(System.err, OptionNames.of(server), status));
    Example.run(server, args);
  }

  @Override
  public Integer call() throws Exception {
    Schema schema = schemaFile == null ? SensorReading.SCHEMA : SchemaFile.read(schemaFile);
    ServerOutput output = new ServerOutput(storage.sink(), schema, status);
    IngestServerBuilder builder = IngestServer.builder().schema(schema).onClose(output::report);
    sources.addTo(builder);
    storage.addTo(builder);
    IngestServer server = builder.build();
    // It shows the start and the drain as well.
    try (PageServer page = http == null ? null : servePage(http, server)) {
      if (page != null) {
        System.out.println("page at http://" + HostAndPort.of(page.address()) + "/");
      }
      server.start();
      // Registered last, so it runs first at exit, before the server's drain.
      CleanupRegistry.global().register(() -> output.drainBegins(server.stats()));
      if (!storage.startsWithoutSink()) {
        output.keepTableOpen();
      }
      printBeginning(server, schema);
      status.repeat(() -> ServerOutput.status(server.stats()));
      return server.awaitClose() == CloseReason.FAILED ? 1 : 0;
    }
  }

  private PageServer servePage(HostAndPort at, IngestServer server) throws IOException {
    InetSocketAddress address = new InetSocketAddress(at.host(), at.port());
    return PageServer.start(address, server, new RecentLetters(storage.deadLetters()));
  }

  private void printBeginning(IngestServer server, Schema schema) {
    System.out.println(
        "listening on "
            + sources.toText(server.localAddresses())
            + ", storing to "
            + Example.shown(storage.sink()));
    sources
        .commandThatSends(SampleRecord.of(schema), server.localAddresses())
        .ifPresent(command -> System.out.println("send it a record from bash:\n  " + command));
  }
}
