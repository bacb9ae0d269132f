package dev.ingest.sqlite;

import java.nio.file.Path;

/** Another process that holds the write lock of a database, until it is killed. */
final class Locker {
  private final Process process;

  Locker(Path file) throws Exception {
    process =
        Jvm.start(Program.class, file.toString())
            .redirectError(ProcessBuilder.Redirect.INHERIT)
            .start();
    if (process.getInputStream().read() != '!') {
      throw new IllegalStateException("the other process did not get the lock");
    }
  }

  void release() {
    process.destroyForcibly().onExit().join();
  }

  /** Takes the lock, says so, and waits. */
  static final class Program {
    private Program() {}

    public static void main(String[] args) throws Exception {
      try (Database database = new Database(args[0])) {
        database.execute("BEGIN IMMEDIATE");
        System.out.write('!');
        System.out.flush();
        Thread.currentThread().join();
      }
    }
  }
}
