package dev.ingest.testkit;

import dev.ingest.sink.SinkException;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;

/** Stores records in memory, those of a write all or none, and fails as databases do. */
final class MemoryStore {
  final Set<Long> refused = new HashSet<>();
  boolean breaksNextCommit;

  private final List<List<Object>> rows = new ArrayList<>();
  private final Map<String, BitSet> lines = new HashMap<>();
  private final Semaphore gate = new Semaphore(1);

  /** Holds every write up until what is returned is closed. */
  AutoCloseable block() throws InterruptedException {
    gate.acquire();
    return gate::release;
  }

  /** Tells whether writes go on, after a short wait. */
  boolean isOpenSoon() throws InterruptedException {
    boolean open = gate.tryAcquire(1, TimeUnit.MILLISECONDS);
    if (open) {
      gate.release();
    }
    return open;
  }

  void awaitGate() throws InterruptedException {
    gate.acquire();
    gate.release();
  }

  synchronized void commit(List<List<Object>> added, String segment, BitSet addedLines)
      throws SinkException {
    for (List<Object> row : added) {
      if (refused.contains(row.get(0))) {
        throw SinkException.permanent("record " + row.get(0) + " is refused");
      }
    }
    rows.addAll(added);
    lines.computeIfAbsent(segment, key -> new BitSet()).or(addedLines);
    if (breaksNextCommit) {
      breaksNextCommit = false;
      throw SinkException.retryable("the connection broke during the commit");
    }
  }

  synchronized List<List<Object>> rows() {
    return List.copyOf(rows);
  }

  synchronized BitSet lines(String segment) {
    return (BitSet) lines.getOrDefault(segment, new BitSet()).clone();
  }

  synchronized void forget(String segment) {
    lines.remove(segment);
  }
}
