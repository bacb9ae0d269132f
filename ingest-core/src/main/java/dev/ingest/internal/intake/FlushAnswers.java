package dev.ingest.internal.intake;

/** How far one receiver is with the flushes that it is asked for, by number. */
final class FlushAnswers {
  private final FlushRequests requests;
  private final int receiver;
  private long seen;

  /** The flush for which all has been added to a batch. */
  private long added;

  private long answered;

  FlushAnswers(FlushRequests requests, int receiver) {
    this.requests = requests;
    this.receiver = receiver;
  }

  /** Tells whether a flush was asked for since the last call. */
  boolean hasNew() {
    long asked = requests.asked();
    boolean isNew = asked != seen;
    seen = asked;
    return isNew;
  }

  /** Takes note that all that belongs to the flush has been added to a batch. */
  void added() {
    added = seen;
  }

  /** Tells whether a flush waits for what is in the batch. */
  boolean isAwaited() {
    return answered != added;
  }

  /** Answers the flush, if one waits, since nothing that belongs to it is in the batch. */
  void answer() {
    if (isAwaited()) {
      answered = added;
      requests.answer(receiver, answered);
    }
  }
}
