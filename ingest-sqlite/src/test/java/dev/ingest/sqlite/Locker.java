package dev.ingest.sqlite;

import dev.ingest.testing.ChildJvm;
import java.nio.file.Path;

/** Another process that holds the write lock of a database, until it is killed. */
final class Locker implements AutoCloseable {
  private final ChildJvm process;

  Locker(Path file) {
    process = ChildJvm.in(file.getParent()).start(Program.class, file.toString());
    process.awaitOut("^locked$");
  }

  /** Kills the process, and so releases the lock. */
  @Override
  public void close() {
    process.close();
  }

  /** Takes the lock, prints so, and waits. */
  static final class Program {
    private Program() {}

    public static void main(String[] args) throws Exception {
      try (Database database = new Database(args[0])) {
        database.execute("BEGIN IMMEDIATE");
        System.out.println("locked");
        Thread.currentThread().join();
      }
    }
  }
}
