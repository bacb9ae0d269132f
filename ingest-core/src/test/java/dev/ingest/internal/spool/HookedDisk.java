package dev.ingest.internal.spool;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;

/** A disk of which a test sees each call before it is made, and can have it fail or wait. */
final class HookedDisk implements Disk {
  private final Disk disk;
  private final Hook hook;

  /** What is called. */
  enum Call {
    LIST,
    EXISTS,
    CREATE,
    OPEN,
    RENAME,
    REMOVE,
    SYNC_DIRECTORY,
    READ,
    WRITE,
    TRUNCATE,
    SYNC
  }

  /** What a test does before a call. */
  @FunctionalInterface
  interface Hook {
    void before(Call call, String name) throws IOException;
  }

  HookedDisk(Disk disk, Hook hook) {
    this.disk = disk;
    this.hook = hook;
  }

  @Override
  public Path path() {
    return disk.path();
  }

  @Override
  public List<String> list() throws IOException {
    hook.before(Call.LIST, "");
    return disk.list();
  }

  @Override
  public boolean exists(String name) throws IOException {
    hook.before(Call.EXISTS, name);
    return disk.exists(name);
  }

  @Override
  public DiskFile create(String name) throws IOException {
    hook.before(Call.CREATE, name);
    return new HookedFile(disk.create(name), name, hook);
  }

  @Override
  public DiskFile open(String name) throws IOException {
    hook.before(Call.OPEN, name);
    return new HookedFile(disk.open(name), name, hook);
  }

  @Override
  public DiskFile openToRead(String name) throws IOException {
    hook.before(Call.OPEN, name);
    return new HookedFile(disk.openToRead(name), name, hook);
  }

  @Override
  public void rename(String from, String to) throws IOException {
    hook.before(Call.RENAME, from);
    disk.rename(from, to);
  }

  @Override
  public void remove(String name) throws IOException {
    hook.before(Call.REMOVE, name);
    disk.remove(name);
  }

  @Override
  public void sync() throws IOException {
    hook.before(Call.SYNC_DIRECTORY, "");
    disk.sync();
  }

  @Override
  public void close() throws IOException {
    disk.close();
  }

  private record HookedFile(DiskFile file, String name, Hook hook) implements DiskFile {
    @Override
    public int read(long position, byte[] buffer, int from, int length) throws IOException {
      hook.before(Call.READ, name);
      return file.read(position, buffer, from, length);
    }

    @Override
    public void write(long position, byte[] bytes, int from, int length) throws IOException {
      hook.before(Call.WRITE, name);
      file.write(position, bytes, from, length);
    }

    @Override
    public long length() throws IOException {
      return file.length();
    }

    @Override
    public void truncate(long length) throws IOException {
      hook.before(Call.TRUNCATE, name);
      file.truncate(length);
    }

    @Override
    public void sync() throws IOException {
      hook.before(Call.SYNC, name);
      file.sync();
    }

    @Override
    public void close() throws IOException {
      file.close();
    }
  }
}
