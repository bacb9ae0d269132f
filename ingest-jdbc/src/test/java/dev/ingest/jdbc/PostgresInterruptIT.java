package dev.ingest.jdbc;

import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.zaxxer.hikari.HikariDataSource;
import dev.ingest.jdbc.testing.PostgresDatabase;
import dev.ingest.jdbc.testing.PostgresServer;
import dev.ingest.record.RecordBatch;
import java.sql.Connection;
import java.sql.Statement;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/**
 * S8: an interrupt ends each wait of a sink, whose own limits of time are an hour here. A driver
 * heeds no interrupt.
 */
class PostgresInterruptIT {
  private static final String ON_LOCK = "wait_event_type = 'Lock'";

  private PostgresServer server;
  private PostgresDatabase database;

  @BeforeEach
  void createDatabase() throws Exception {
    server = PostgresServer.shared();
    database = server.newDatabase();
  }

  @AfterEach
  void dropDatabase() throws Exception {
    database.close();
  }

  @Test
  void s8_of_a_write_that_waits_for_a_lock_and_the_sink_writes_on_afterwards() throws Exception {
    WriterThread sink = Writing.opened(database, Writing.PATIENT);
    sink.write(Writing.lines("s", 0, 10));
    try (Connection other = database.connect();
        Statement statement = other.createStatement()) {
      other.setAutoCommit(false);
      statement.execute("LOCK TABLE t");
      WriterThread.Call write = sink.beginWrite(Writing.lines("s", 10, 20));
      await().atMost(Writing.SOON).until(() -> database.backends(ON_LOCK).size() == 1);
      write.assertInterruptible();
      await().atMost(Writing.SOON).until(() -> database.backends(ON_LOCK).isEmpty());
    }
    Writing.writeAtLast(sink, Writing.lines("s", 10, 20));
    assertEquals("20|20", Writing.counts(database));
    sink.close();
  }

  @Test
  void s8_of_a_write_whose_backend_is_frozen() throws Exception {
    WriterThread sink = Writing.opened(database, Writing.PATIENT);
    sink.write(Writing.lines("s", 0, 10));
    long backend = database.backends("true").get(0);
    server.signal("STOP", backend);
    try {
      WriterThread.Call write = sink.beginWrite(Writing.lines("s", 10, 20));
      sink.awaitReading();
      write.assertInterruptible();
      sink.close(); // hangs on nothing either
    } finally {
      server.signal("CONT", backend);
    }
  }

  @Test
  void s8_of_a_write_behind_a_frozen_network() throws Exception {
    try (CutProxy proxy = new CutProxy(database.port())) {
      PostgresDatabase behind = database.through(proxy.port());
      WriterThread sink = Writing.opened(behind, Writing.PATIENT);
      sink.write(Writing.lines("s", 0, 10));
      proxy.freeze();
      WriterThread.Call write = sink.beginWrite(Writing.lines("s", 10, 20));
      sink.awaitReading();
      write.assertInterruptible();
      sink.close();
    }
  }

  @Test
  void s8_of_a_wait_for_a_connection_of_the_hosts_pool() throws Exception {
    try (HikariDataSource pool = new HikariDataSource()) {
      pool.setDataSource(database.dataSource());
      pool.setMaximumPoolSize(1);
      pool.setConnectionTimeout(3_600_000);
      WriterThread sink = new WriterThread(JdbcSink.to(pool).table("t"));
      sink.open(Writing.SCHEMA);
      try (Connection only = pool.getConnection()) {
        WriterThread.Call write = sink.beginWrite(Writing.batch(0, 10));
        await()
            .atMost(Writing.SOON)
            .until(() -> pool.getHikariPoolMXBean().getThreadsAwaitingConnection() == 1);
        write.assertInterruptible();
        assertTrue(only.isValid(0), "the host's connection was touched");
      }
      sink.write(Writing.batch(0, 10));
      sink.close();
      assertEquals("10|10", Writing.counts(database));
    }
  }

  @Test
  void s8_an_interrupt_before_the_write_stores_nothing_or_all() throws Exception {
    WriterThread sink = Writing.opened(database, Writing.PATIENT);
    RecordBatch batch = Writing.lines("s", 0, 10);
    WriterThread.Call write =
        sink.begin(
            () -> {
              Thread.currentThread().interrupt();
              sink.sink().write(batch);
            });
    write.join();
    assertTrue(write.interrupted, "the interrupt is lost");
    sink.write(Writing.lines("s", 0, 10));
    sink.close();
    assertEquals("10|10", Writing.counts(database));
  }
}
