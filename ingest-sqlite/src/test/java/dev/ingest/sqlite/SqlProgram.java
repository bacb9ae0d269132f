package dev.ingest.sqlite;

/**
 * Another program that uses a database: runs the SQL of its arguments, prints "done", and keeps the
 * database open until it reads a line.
 */
final class SqlProgram {
  private SqlProgram() {}

  public static void main(String... args) throws Exception {
    try (Database database = new Database(args[0])) {
      for (int i = 1; i < args.length; i++) {
        if (args[i].startsWith("SELECT")) {
          database.rows(args[i]).forEach(row -> System.out.println("row " + row));
        } else {
          database.execute(args[i]);
        }
      }
      System.out.println("done");
      if (System.in.read() < 0) {
        throw new IllegalStateException("the test has ended");
      }
    }
    System.out.println("closed");
  }
}
