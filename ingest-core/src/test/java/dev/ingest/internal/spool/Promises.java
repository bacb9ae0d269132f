package dev.ingest.internal.spool;

import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.ingest.policy.JournalSync;
import java.util.BitSet;
import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** What a spool has promised of each record so far, and whether it holds after a crash. */
final class Promises {
  private final @Nullable JournalSync level;

  /** Survive SIGKILL. */
  private final BitSet kept = new BitSet();

  /** Survive a power loss. */
  private final BitSet synced = new BitSet();

  /** Were said to be not journaled. */
  private final BitSet notJournaled = new BitSet();

  /** Are dead letters, or dropped; or may be, if that was going on. */
  private final BitSet refused = new BitSet();

  /** Are being settled: stored, and that is not noted yet. */
  private BitSet inHand = new BitSet();

  private final Map<Integer, String> segments = new HashMap<>();

  /** The power has failed before. */
  private boolean powerFailed;

  /** The notes of what is settled may be behind. */
  private boolean notesBehind;

  /** Calls have failed. */
  private boolean faults;

  Promises(@Nullable JournalSync level) {
    this.level = level;
  }

  /** What was done to the disk. */
  record Crash(boolean powerLoss, int flippedBits, boolean overhanging) {}

  void placed(int id, String segment) {
    segments.put(id, segment);
  }

  void keeps(BitSet ids) {
    kept.or(ids);
    if (level == JournalSync.ALWAYS) {
      synced.or(ids);
    }
  }

  /** Returns what survives SIGKILL; a sync that begins now makes it survive a power loss. */
  BitSet kept() {
    return (BitSet) kept.clone();
  }

  void synced(BitSet ids) {
    synced.or(ids);
  }

  void notJournaled(BitSet ids) {
    notJournaled.or(ids);
  }

  /** Those of a segment that are not synced are not journaled. */
  void notJournaled(String segment) {
    segments.forEach(
        (id, name) -> {
          if (name.equals(segment) && !synced.get(id)) {
            notJournaled.set(id);
          }
        });
  }

  void refused(BitSet ids) {
    refused.or(ids);
  }

  void takes(BitSet ids) {
    inHand = ids;
  }

  void settled() {
    inHand = new BitSet();
  }

  void fault() {
    faults = true;
  }

  /** What is in memory is gone, and what is not promised may be. */
  void crashed(Crash crash) {
    notesBehind |= crash.powerLoss || !inHand.isEmpty();
    powerFailed |= crash.powerLoss;
    if (crash.powerLoss) {
      kept.and(synced);
    }
    inHand = new BitSet();
  }

  /** Checks what has become of each record when all that survived is replayed. */
  void check(Crash crash, ModelSink before, Survivors survivors) {
    BitSet lost = (BitSet) (crash.powerLoss ? synced : kept).clone();
    lost.andNot(notJournaled);
    lost.andNot(refused);
    lost.andNot(survivors.sink().stored());
    assertTrue(
        lost.cardinality() <= survivors.accounted(crash.flippedBits),
        () -> lost + " are lost, " + survivors);
    assertTrue(lost.cardinality() <= 2 * crash.flippedBits, () -> lost + " are lost by a few bits");

    BitSet twice = (BitSet) survivors.sink().twice().clone();
    twice.andNot(before.twice());
    if (before.remembers()) {
      boolean anyPowerLoss = crash.powerLoss || powerFailed; // may bring a segment back
      boolean promised = !anyPowerLoss || (level != null && level != JournalSync.NEVER);
      assertTrue(
          twice.isEmpty() || !promised || crash.overhanging, () -> twice + " are stored twice");
    } else if (!crash.powerLoss && crash.flippedBits == 0 && !notesBehind && !faults) {
      twice.andNot(inHand);
      assertTrue(twice.isEmpty(), () -> twice + " were settled, and are stored again");
    }
    if (!crash.powerLoss && crash.flippedBits == 0 && !notesBehind && !faults) {
      BitSet again = (BitSet) survivors.sink().stored().clone();
      again.andNot(before.stored());
      again.and(refused);
      again.andNot(inHand);
      assertTrue(again.isEmpty(), () -> again + " were settled, and are stored now");
    }
  }
}
