package dev.ingest.examples;

import dev.ingest.sink.SinkConfig;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.Random;
import java.util.concurrent.atomic.AtomicInteger;

/** Ends the sessions of sinks in PostgreSQL at random moments. */
final class SessionKiller implements AutoCloseable {
  private static final int MAX_PAUSE_MILLIS = 400;

  private final SinkConfig uri;
  private final Random random;
  private final Thread thread = new Thread(this::run, "session-killer");
  private final AtomicInteger ended = new AtomicInteger();

  private SessionKiller(SinkConfig uri, Random random) {
    this.uri = uri;
    this.random = random;
  }

  static SessionKiller start(SinkConfig uri, Random random) {
    if (!uri.path().startsWith("postgresql:")) {
      throw new IllegalArgumentException(
          "--end-sessions needs PostgreSQL: expected --sink jdbc:postgresql://HOST/DATABASE");
    }
    SessionKiller killer = new SessionKiller(uri, random);
    killer.thread.setDaemon(true);
    killer.thread.start();
    return killer;
  }

  private void run() {
    while (!Thread.currentThread().isInterrupted()) {
      try (Connection connection = DatabaseLogin.connect(uri)) {
        while (true) {
          Thread.sleep(random.nextInt(MAX_PAUSE_MILLIS));
          end(connection);
        }
      } catch (InterruptedException e) {
        return;
      } catch (Exception e) { // the server may be restarting
        pause();
      }
    }
  }

  private void end(Connection connection) throws SQLException {
    try (Statement statement = connection.createStatement();
        ResultSet sessions =
            statement.executeQuery(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname ="
                    + " current_database() AND application_name = 'ingest'")) {
      while (sessions.next()) {
        ended.incrementAndGet();
      }
    }
  }

  private static void pause() {
    try {
      Thread.sleep(MAX_PAUSE_MILLIS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  /** Returns how many sessions were ended so far. */
  int ended() {
    return ended.get();
  }

  @Override
  public void close() {
    thread.interrupt();
  }
}
