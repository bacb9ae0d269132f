package dev.ingest.internal.spool;

import dev.ingest.internal.spool.HookedDisk.Call;
import java.io.FileNotFoundException;
import java.io.IOException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import java.util.stream.Stream;

/**
 * A disk in memory that knows what of it would be there after a power loss. What a process sees is
 * volatile; a sync of a file makes its bytes durable, one of the directory its entries.
 *
 * <ul>
 *   <li><b>SIGKILL</b>: {@link #copy} is what the next process finds, with what is not synced yet
 *       still at risk. A write that was cut has written its first bytes.
 *   <li><b>Power loss</b>: each write that was not synced is kept, lost, or kept in some of its
 *       sectors of 512 bytes, while the file may have got its length; so there may be holes, of
 *       zeros. Each file that was made, renamed or removed without a sync of the directory is so or
 *       is not, one by one; a rename is there whole or not at all.
 *   <li><b>A sync of a file that fails</b> leaves a part of what was not synced durable; the rest
 *       is readable until the power fails, and no later sync makes it durable, as on Linux, which
 *       takes the pages for clean. A sync of the directory that fails leaves all as it was, since
 *       file systems keep directories in a journal, which stops at an error.
 * </ul>
 */
final class SimulatedDisk implements Disk {
  private static final int SECTOR_BYTES = 512;
  private static final byte[] NO_BYTES = {};

  private final Path path;
  private final Random random;
  private final Map<String, File> names = new TreeMap<>();
  private final Map<String, File> durableNames = new TreeMap<>();
  private final List<Map<String, File>> changes = new ArrayList<>();
  private final Map<Integer, File> files = new HashMap<>();
  private Watch watch = new Watch() {};

  /** Sees each call, and decides which fail. */
  interface Watch {
    /** Called before a call is done; decides whether it fails. */
    default Fault before(Request request) {
      return Fault.NONE;
    }

    /** Called when a call is done, or has failed. */
    default void after() {}
  }

  /**
   * A call.
   *
   * @param call what is called
   * @param name of the file, empty for the directory
   * @param file the number of the file that is read or written; -1 for other calls
   * @param position where it is read or written
   * @param length how much
   * @param bytes what is written; empty for other calls
   */
  @SuppressWarnings("ArrayRecordComponent") // nobody compares them
  record Request(Call call, String name, int file, long position, int length, byte[] bytes) {
    private Request(Call call, String name) {
      this(call, name, -1, 0, 0, NO_BYTES);
    }

    private IOException failure() {
      return new IOException("Input/output error: " + call + " " + name);
    }
  }

  /** Whether a call fails, and what it has done then. */
  enum Fault {
    NONE,
    /** Nothing is done. */
    NOTHING_DONE,
    /** A part of a write or of a sync is done; other calls have done all. */
    PARTLY_DONE
  }

  /** A file, which may have any number of names. */
  private static final class File {
    private final int number;
    private final Bytes content = new Bytes();
    private final Bytes durable = new Bytes();
    private final List<Edit> edits = new ArrayList<>();

    /** Bytes of a write that failed stand at the end. */
    private boolean halfWritten;

    /** They could not be cut off. */
    private boolean overhanging;

    private File(int number) {
      this.number = number;
    }

    private File copy() {
      File copy = new File(number);
      copy.content.set(content);
      copy.durable.set(durable);
      copy.edits.addAll(edits);
      copy.halfWritten = halfWritten;
      copy.overhanging = overhanging;
      return copy;
    }

    private void edit(Edit edit) {
      edit.apply(content);
      edits.add(edit);
    }

    private void sync() {
      edits.forEach(edit -> edit.apply(durable));
      edits.clear();
    }

    private void losePower(Random random) {
      edits.forEach(edit -> edit.applyPartly(durable, random));
      edits.clear();
    }
  }

  /** A write, or a cut if there are no bytes. */
  @SuppressWarnings("ArrayRecordComponent") // nobody compares them
  private record Edit(int position, byte[] bytes) {
    private void apply(Bytes content) {
      if (bytes.length == 0) {
        content.resize(Math.min(content.length, position));
      } else {
        content.put(position, bytes, 0, bytes.length);
      }
    }

    private void applyPartly(Bytes content, Random random) {
      switch (random.nextInt(3)) {
        case 0 -> apply(content);
        case 1 -> {}
        default -> {
          if (bytes.length > 0) {
            applySectors(content, random);
          }
        }
      }
    }

    private void applySectors(Bytes content, Random random) {
      if (random.nextBoolean()) {
        content.resize(Math.max(content.length, position + bytes.length));
      }
      for (int at = 0; at < bytes.length; ) {
        int end = Math.min(bytes.length, at + SECTOR_BYTES - (position + at) % SECTOR_BYTES);
        if (random.nextBoolean()) {
          content.put(position + at, bytes, at, end - at);
        }
        at = end;
      }
    }
  }

  private static final class Bytes {
    private byte[] bytes = new byte[0];
    private int length;

    private void set(Bytes other) {
      bytes = Arrays.copyOf(other.bytes, other.length);
      length = other.length;
    }

    private void resize(int newLength) {
      if (newLength > bytes.length) {
        bytes = Arrays.copyOf(bytes, Math.max(newLength, 2 * bytes.length));
      }
      if (newLength < length) {
        Arrays.fill(bytes, newLength, length, (byte) 0);
      }
      length = newLength;
    }

    private void put(int at, byte[] from, int offset, int count) {
      resize(Math.max(length, at + count));
      System.arraycopy(from, offset, bytes, at, count);
    }
  }

  /**
   * Makes an empty disk.
   *
   * @param path where it is said to be
   * @param random chooses what a fault leaves
   */
  SimulatedDisk(Path path, Random random) {
    this.path = path;
    this.random = random;
  }

  void watch(Watch by) {
    watch = by;
  }

  /** Returns a disk like this one, which nobody watches. */
  SimulatedDisk copy(Random choices) {
    SimulatedDisk copy = new SimulatedDisk(path, choices);
    files.forEach((number, file) -> copy.files.put(number, file.copy()));
    names.forEach((name, file) -> copy.names.put(name, copy.files.get(file.number)));
    durableNames.forEach((name, file) -> copy.durableNames.put(name, copy.files.get(file.number)));
    for (Map<String, File> change : changes) {
      copy.changes.add(copied(change, copy));
    }
    return copy;
  }

  private static Map<String, File> copied(Map<String, File> change, SimulatedDisk copy) {
    Map<String, File> copied = new HashMap<>();
    change.forEach(
        (name, file) -> copied.put(name, file == null ? null : copy.files.get(file.number)));
    return copied;
  }

  /** Has a write that was cut do its first bytes. */
  void writePartly(Request write) {
    int some = random.nextInt(write.bytes().length + 1);
    if (some > 0) {
      byte[] first = Arrays.copyOf(write.bytes(), some);
      files.get(write.file()).edit(new Edit((int) write.position(), first));
    }
  }

  /** Loses what is not durable, as far as chance has it. */
  void losePower() {
    for (Map<String, File> change : changes) {
      if (random.nextBoolean()) {
        apply(change, durableNames);
      }
    }
    changes.clear();
    names.clear();
    names.putAll(durableNames);
    for (File file : files.values()) {
      file.losePower(random);
      file.content.set(file.durable);
    }
  }

  /** Flips bits of the files of segments and notes; returns how many. */
  int flipBits(int most) {
    List<File> some = names.values().stream().filter(file -> file.content.length > 0).toList();
    for (int i = 0; i < most && !some.isEmpty(); i++) {
      File file = some.get(random.nextInt(some.size()));
      int at = random.nextInt(file.content.length);
      file.content.bytes[at] ^= (byte) (1 << random.nextInt(Byte.SIZE));
      file.durable.set(file.content);
      file.edits.clear();
    }
    return some.isEmpty() ? 0 : most;
  }

  /** Tells whether bytes of a write that failed are there, and could not be cut off. */
  boolean isOverhanging() {
    return Stream.concat(names.values().stream(), durableNames.values().stream())
        .anyMatch(file -> file.overhanging);
  }

  private static void apply(Map<String, File> change, Map<String, File> to) {
    change.forEach(
        (name, file) -> {
          if (file == null) {
            to.remove(name);
          } else {
            to.put(name, file);
          }
        });
  }

  private void change(Map<String, File> change) {
    apply(change, names);
    changes.add(change);
  }

  @FunctionalInterface
  private interface Action {
    void run() throws IOException;
  }

  private void call(Call call, String name, Action action) throws IOException {
    call(new Request(call, name), action, action);
  }

  private void call(Request request, Action action, Action partly) throws IOException {
    Fault fault = watch.before(request);
    try {
      if (fault == Fault.NONE) {
        action.run();
      } else {
        if (fault == Fault.PARTLY_DONE) {
          partly.run();
        }
        File file = names.get(request.name());
        if (file != null && (request.call() == Call.OPEN || request.call() == Call.TRUNCATE)) {
          file.overhanging |= file.halfWritten;
        }
        throw request.failure();
      }
    } finally {
      watch.after();
    }
  }

  private File file(String name) throws FileNotFoundException {
    File file = names.get(name);
    if (file == null) {
      throw new FileNotFoundException(name);
    }
    return file;
  }

  @Override
  public Path path() {
    return path;
  }

  @Override
  public List<String> list() throws IOException {
    call(Call.LIST, "", () -> {});
    return List.copyOf(names.keySet());
  }

  @Override
  public boolean exists(String name) throws IOException {
    call(Call.EXISTS, name, () -> {});
    return names.containsKey(name);
  }

  @Override
  public DiskFile create(String name) throws IOException {
    call(
        Call.CREATE,
        name,
        () -> {
          if (names.containsKey(name)) {
            throw new FileAlreadyExistsException(name);
          }
          File file = new File(files.size());
          files.put(file.number, file);
          change(Map.of(name, file));
        });
    return new Handle(file(name), name);
  }

  @Override
  public DiskFile open(String name) throws IOException {
    call(Call.OPEN, name, () -> file(name));
    return new Handle(file(name), name);
  }

  @Override
  public DiskFile openToRead(String name) throws IOException {
    return open(name);
  }

  @Override
  public void rename(String from, String to) throws IOException {
    call(
        Call.RENAME,
        from,
        () -> {
          Map<String, File> change = new HashMap<>();
          change.put(from, null);
          change.put(to, file(from));
          change(change);
        });
  }

  @Override
  public void remove(String name) throws IOException {
    call(
        Call.REMOVE,
        name,
        () -> {
          if (names.containsKey(name)) {
            Map<String, File> change = new HashMap<>();
            change.put(name, null);
            change(change);
          }
        });
  }

  @Override
  public void sync() throws IOException {
    call(
        new Request(Call.SYNC_DIRECTORY, ""),
        () -> {
          changes.forEach(change -> apply(change, durableNames));
          changes.clear();
        },
        () -> {});
  }

  @Override
  public void close() {}

  private final class Handle implements DiskFile {
    private final File file;
    private final String name;

    private Handle(File file, String name) {
      this.file = file;
      this.name = name;
    }

    @Override
    public int read(long position, byte[] buffer, int from, int length) throws IOException {
      int at = (int) Math.min(position, file.content.length);
      int read = Math.min(length, file.content.length - at);
      call(
          new Request(Call.READ, name, file.number, position, length, NO_BYTES),
          () -> System.arraycopy(file.content.bytes, at, buffer, from, read),
          () -> {});
      return read;
    }

    @Override
    public void write(long position, byte[] bytes, int from, int length) throws IOException {
      byte[] written = Arrays.copyOfRange(bytes, from, from + length);
      Request request = new Request(Call.WRITE, name, file.number, position, length, written);
      call(
          request,
          () -> {
            if (length > 0) {
              file.edit(new Edit((int) position, written));
            }
          },
          () -> {
            writePartly(request);
            file.halfWritten |= name.endsWith(SegmentNames.FILE_SUFFIX);
          });
    }

    @Override
    public long length() {
      return file.content.length;
    }

    @Override
    public void truncate(long length) throws IOException {
      call(
          Call.TRUNCATE,
          name,
          () -> {
            file.edit(new Edit((int) length, new byte[0]));
            file.halfWritten = false;
            file.overhanging = false;
          });
    }

    @Override
    public void sync() throws IOException {
      call(
          new Request(Call.SYNC, name, file.number, 0, 0, NO_BYTES),
          () -> {
            file.sync();
          },
          () -> file.losePower(random));
    }

    @Override
    public void close() {}
  }
}
