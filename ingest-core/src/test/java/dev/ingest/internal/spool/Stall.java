package dev.ingest.internal.spool;

import java.lang.reflect.Field;
import java.util.EnumSet;
import java.util.Set;
import java.util.concurrent.CountDownLatch;

/**
 * A disk below a server's spool that does not answer some calls, from one moment to another. It
 * stands between the spool and the real disk, which is put there by reflection.
 */
public final class Stall implements AutoCloseable {
  private final Set<HookedDisk.Call> calls;
  private final String suffix;
  private final CountDownLatch over = new CountDownLatch(1);
  private final CountDownLatch met = new CountDownLatch(1);
  private volatile boolean begun;

  private Stall(String suffix, Set<HookedDisk.Call> calls) {
    this.suffix = suffix;
    this.calls = calls;
  }

  /** Which calls are not answered. */
  public enum Of {
    /** Records are not written. */
    RECORDS,
    /** Notes of what is settled are not written. */
    NOTES,
    /** Nothing is synced. */
    SYNCS,
    /** Nothing of all that. */
    ALL
  }

  /** Puts a stall between a spool and its disk, before anything is written. */
  public static Stall below(Object spool, Of what) throws Exception {
    Stall stall =
        switch (what) {
          case RECORDS -> new Stall(SegmentNames.FILE_SUFFIX, EnumSet.of(HookedDisk.Call.WRITE));
          case NOTES -> new Stall(SegmentNames.SETTLED_SUFFIX, EnumSet.of(HookedDisk.Call.WRITE));
          case SYNCS ->
              new Stall("", EnumSet.of(HookedDisk.Call.SYNC, HookedDisk.Call.SYNC_DIRECTORY));
          case ALL -> new Stall("", EnumSet.allOf(HookedDisk.Call.class));
        };
    Disk hooked = new HookedDisk((Disk) field(spool, "disk").get(spool), stall::before);
    field(spool, "disk").set(spool, hooked);
    Object segments = field(spool, "segments").get(spool);
    field(segments, "disk").set(segments, hooked);
    return stall;
  }

  private static Field field(Object owner, String name) throws Exception {
    Field field = owner.getClass().getDeclaredField(name);
    field.setAccessible(true);
    return field;
  }

  private void before(HookedDisk.Call call, String name) {
    if (begun && calls.contains(call) && name.endsWith(suffix)) {
      met.countDown();
      boolean interrupted = false;
      while (over.getCount() > 0) {
        try {
          over.await();
        } catch (InterruptedException e) {
          interrupted = true; // no disk is woken by that
        }
      }
      if (interrupted) {
        Thread.currentThread().interrupt();
      }
    }
  }

  /** Begins it. */
  public void begin() {
    begun = true;
  }

  /** Tells whether a call has met it. */
  public boolean wasMet() {
    return met.getCount() == 0;
  }

  /** Ends it: all calls are answered. */
  @Override
  public void close() {
    over.countDown();
  }
}
