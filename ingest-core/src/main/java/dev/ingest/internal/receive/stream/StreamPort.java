package dev.ingest.internal.receive.stream;

import dev.ingest.internal.intake.Intake;
import dev.ingest.internal.receive.MessageSource;
import dev.ingest.source.StreamSource;
import java.io.IOException;

/** A source to which clients connect. */
public final class StreamPort {
  private StreamPort() {}

  /** Binds the port. */
  @SuppressWarnings({"DoNotCallSuggester", "UnusedVariable"})
  public static MessageSource open(StreamSource<?> settings, Intake intake) throws IOException {
    throw new IOException("cannot open " + settings);
  }
}
