package dev.ingest.jdbc;

import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.ingest.jdbc.testing.PostgresDatabase;
import dev.ingest.jdbc.testing.PostgresServer;
import java.nio.ByteBuffer;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * S11: what becomes of a statement whose connection has ended is unknown, and yet each record that
 * has a position is stored once.
 */
class PostgresOutcomeIT {
  private static final String WAITING = "wait_event_type = 'Lock'";

  private PostgresServer server;
  private PostgresDatabase database;
  private CutProxy proxy;
  private WriterThread sink;

  @BeforeEach
  void open() throws Exception {
    server = PostgresServer.shared();
    database = server.newDatabase();
    proxy = new CutProxy(database.port());
    sink = Writing.opened(database.through(proxy.port()), Writing.PATIENT);
  }

  @AfterEach
  void close() throws Exception {
    sink.close();
    proxy.close();
    database.close();
  }

  /** After each message in each direction, and in the middle of each. */
  @ParameterizedTest
  @EnumSource(CutProxy.Towards.class)
  void s11_of_a_network_that_is_cut_at_any_moment_of_a_write(CutProxy.Towards towards)
      throws Exception {
    int line = 0;
    int cuts;
    int cut = 0;
    do {
      for (int warmUp = 0; warmUp < 2; warmUp++) { // the driver has then prepared the statement
        Writing.writeAtLast(sink, Writing.lines("s", line, line += 100));
      }
      proxy.forgetSeen();
      sink.write(Writing.lines("s", line, line += 100));
      List<Integer> bytes = cuts(proxy.seen(towards));
      proxy.cutAfter(bytes.get(cut), towards);
      Writing.writeAtLast(sink, Writing.lines("s", line, line += 100));
      await().atMost(Writing.SOON).until(() -> !proxy.isToCut()); // the write may end before
      assertEquals(
          line + "|" + line, Writing.counts(database), "cut " + cut + " of those after " + bytes);
      cuts = bytes.size();
    } while (++cut < cuts);
    assertTrue(cuts >= 6, "no messages were seen");
    WriterThread next = Writing.opened(database);
    assertEquals(line, next.stored("s").cardinality());
    next.close();
  }

  /** The ends of messages, each a type and a length that counts itself, and their middles. */
  private static List<Integer> cuts(byte[] messages) {
    List<Integer> cuts = new ArrayList<>();
    for (int start = 0; start < messages.length; ) {
      int length = 1 + ByteBuffer.wrap(messages, start + 1, 4).getInt();
      cuts.add(start + (length + 1) / 2);
      cuts.add(start + length);
      start += length;
    }
    return cuts.stream().distinct().toList();
  }

  @Test
  void s11_of_a_statement_that_reaches_the_server_after_its_retry() throws Exception {
    sink.write(Writing.lines("s", 0, 10));
    long backend = backend();
    proxy.holdNext();
    Writing.writeAtLast(sink, Writing.lines("s", 10, 60));
    assertFalse(proxy.isToCut());
    proxy.release();
    awaitEnd(backend);
    assertEquals("60|60", Writing.counts(database));
  }

  @Test
  void a_segment_that_comes_back_after_it_was_forgotten_counts_as_stored() throws Exception {
    sink.write(Writing.lines("s", 0, 10));
    sink.forget("s");
    sink.write(Writing.lines("s", 0, 10));
    assertEquals("10|10", Writing.counts(database));
  }

  @Test
  void s11_of_a_statement_that_reaches_the_server_after_its_segment_is_forgotten()
      throws Exception {
    sink.write(Writing.lines("s", 0, 10));
    long backend = backend();
    proxy.holdNext();
    Writing.writeAtLast(sink, Writing.lines("s", 10, 60));
    sink.forget("s");
    sink.write(Writing.lines("other", 60, 70));
    proxy.release();
    awaitEnd(backend);
    assertEquals("70|70", Writing.counts(database));
    assertTrue(sink.stored("s").isEmpty());
  }

  @Test
  void s11_of_a_statement_that_reaches_the_server_before_its_retry_by_another_run()
      throws Exception {
    sink.write(Writing.lines("s", 0, 10));
    try (Connection other = database.connect();
        Statement statement = other.createStatement()) {
      other.setAutoCommit(false);
      statement.execute("LOCK TABLE t"); // which the first statement waits for, past its end
      WriterThread.Call write = sink.beginWrite(Writing.lines("s", 10, 60));
      await().atMost(Writing.SOON).until(() -> database.backends(WAITING).size() == 1);
      proxy.freeze(); // also for the request to cancel it
      write.assertInterruptible();
      WriterThread next = Writing.sink(database, Writing.PATIENT);
      WriterThread.Call retry =
          next.begin(
              () -> {
                next.sink().open(Writing.SCHEMA);
                int stored = next.sink().stored("s").cardinality();
                if (stored < 60) {
                  next.sink().write(Writing.lines("s", stored, 60));
                }
              });
      await().atMost(Writing.SOON).until(() -> database.backends(WAITING).size() == 2);
      other.commit();
      retry.join();
      assertNull(retry.failure);
      next.close();
    }
    assertEquals("60|60", Writing.counts(database));
    proxy.thaw();
  }

  /**
   * As it was seen: the backend of an aborted connection lives on, and commits when it goes on,
   * before or after the retry.
   */
  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void s11_of_a_backend_that_was_frozen_and_goes_on(boolean afterRetry) throws Exception {
    sink.write(Writing.lines("s", 0, 10));
    long backend = backend();
    server.signal("STOP", backend);
    try {
      WriterThread.Call write = sink.beginWrite(Writing.lines("s", 10, 60));
      sink.awaitReading();
      write.assertInterruptible();
      if (!afterRetry) {
        server.signal("CONT", backend);
      }
      Writing.writeAtLast(sink, Writing.lines("s", 10, 60));
    } finally {
      server.signal("CONT", backend);
    }
    awaitEnd(backend);
    assertEquals("60|60", Writing.counts(database));
  }

  @Test
  void s11_of_a_frozen_backend_whose_segment_is_forgotten() throws Exception {
    sink.write(Writing.lines("s", 0, 10));
    long backend = backend();
    server.signal("STOP", backend);
    try {
      WriterThread.Call write = sink.beginWrite(Writing.lines("s", 10, 60));
      sink.awaitReading();
      write.assertInterruptible();
      Writing.writeAtLast(sink, Writing.lines("s", 10, 60));
      sink.forget("s");
      sink.write(Writing.lines("other", 60, 70));
    } finally {
      server.signal("CONT", backend);
    }
    awaitEnd(backend);
    assertEquals("70|70", Writing.counts(database));
  }

  @Test
  void s11_of_backends_that_are_terminated_at_any_moment() throws Exception {
    AtomicBoolean ended = new AtomicBoolean();
    Thread terminator = new Thread(() -> terminate(ended));
    terminator.start();
    for (int line = 0; line < 50_000; line += 500) {
      Writing.writeAtLast(sink, Writing.lines("s", line, line + 500));
    }
    ended.set(true);
    terminator.join();
    assertEquals("50000|50000", Writing.counts(database));
  }

  private void terminate(AtomicBoolean ended) {
    try (Connection connection = database.connect();
        Statement statement = connection.createStatement()) {
      while (!ended.get()) {
        statement.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE state = 'active'"
                + " AND datname = current_database() AND pid <> pg_backend_pid()");
      }
    } catch (SQLException e) {
      throw new AssertionError(e);
    }
  }

  private long backend() throws Exception {
    return database.backends("true").get(0);
  }

  private void awaitEnd(long backend) {
    await().atMost(Writing.SOON).until(() -> database.backends("pid = " + backend).isEmpty());
  }
}
