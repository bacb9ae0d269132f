package dev.ingest.internal.jfr;

import jdk.jfr.Category;
import jdk.jfr.Description;
import jdk.jfr.Event;
import jdk.jfr.Label;
import jdk.jfr.Name;
import jdk.jfr.StackTrace;
import org.jspecify.annotations.Nullable;

/** A call of the sink's {@code write}, which becomes one of two events when it has returned. */
public final class WriteEvents {
  private final BatchWritten written = new BatchWritten();
  private final BatchFailed failed = new BatchFailed();

  @Name("dev.ingest.BatchWritten")
  @Label("Batch Written")
  @Description("The sink stored a batch; the duration is that of the call")
  @Category({"Ingest", "Sink"})
  @StackTrace(false)
  static final class BatchWritten extends Event {
    @Label("Records")
    int records;
  }

  @Name("dev.ingest.BatchFailed")
  @Label("Batch Failed")
  @Description("A call that was to store a batch threw something; the duration is that of the call")
  @Category({"Ingest", "Sink"})
  @StackTrace(false)
  static final class BatchFailed extends Event {
    @Label("Records")
    int records;

    @Label("Failure")
    String failure = "";
  }

  private WriteEvents() {}

  /** Begins a call. Only while {@link FlightRecording#isOn}. */
  public static WriteEvents begun() {
    WriteEvents call = new WriteEvents();
    call.written.begin();
    call.failed.begin();
    return call;
  }

  /** Ends the call. */
  public void returned() {
    written.end();
    failed.end();
  }

  /**
   * Makes the event of a call that has returned.
   *
   * @param records how many it was to store
   * @param failure what it threw; null if it stored them
   */
  public void commit(int records, @Nullable Throwable failure) {
    if (failure == null) {
      written.records = records;
      written.commit();
    } else {
      failed.records = records;
      failed.failure = failure.toString();
      failed.commit();
    }
  }
}
