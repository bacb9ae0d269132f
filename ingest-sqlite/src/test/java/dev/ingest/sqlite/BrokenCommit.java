package dev.ingest.sqlite;

import dev.ingest.sink.Sink;
import java.lang.reflect.Field;
import java.sql.SQLException;
import org.sqlite.SQLiteCommitListener;
import org.sqlite.SQLiteConnection;
import org.sqlite.SQLiteErrorCode;
import org.sqlite.SQLiteException;

/**
 * Makes the next commit of a connection take place and be reported as failed, as SQLite does if the
 * disk fails after the commit is in its files: the driver reports what a listener throws, once
 * SQLite has done the commit.
 */
final class BrokenCommit implements SQLiteCommitListener {
  private BrokenCommit() {}

  /** Breaks the next commit of a sink that is open. */
  static void of(Sink sink) throws ReflectiveOperationException {
    Field field = SqliteSink.class.getDeclaredField("connection");
    field.setAccessible(true);
    SQLiteConnection connection = (SQLiteConnection) field.get(sink);
    connection.addCommitListener(new BrokenCommit());
  }

  @Override
  public void onCommit() {
    BrokenCommit.<RuntimeException>fail(
        new SQLiteException("[SQLITE_IOERR] disk I/O error", SQLiteErrorCode.SQLITE_IOERR));
  }

  /** Native code knows no checked exceptions. */
  @SuppressWarnings("unchecked")
  private static <T extends Throwable> void fail(SQLException failure) throws T {
    throw (T) failure;
  }

  @Override
  public void onRollback() {}
}
