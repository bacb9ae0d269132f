package dev.ingest.jdbc;

import dev.ingest.record.RecordBatch;
import dev.ingest.sink.SinkException;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.BitSet;

/**
 * What the sink asks of one kind of database. Each method but {@link #cancel} is called on the
 * writer thread, with a connection that may be another one each time and is in auto-commit mode. A
 * method that needs a transaction of several statements turns that mode off and on again; after a
 * failure the sink rolls back and does so itself.
 */
interface Store {
  /**
   * Makes the table or checks it, and knows afterwards how to write to it. Called once before the
   * first other call, and again before a write after a failure of a statement.
   */
  void prepare(Connection connection) throws SQLException, SinkException;

  /**
   * Stores a batch, but for the records whose positions are stored already. What a connection that
   * was given up before may still commit must be waited for, or prevented.
   */
  void write(Connection connection, RecordBatch batch) throws SQLException, SinkException;

  /** Returns the lines of a segment that are stored, also by a transaction that ends only now. */
  BitSet stored(Connection connection, String segment) throws SQLException, SinkException;

  /** Forgets a segment for good: what a connection that was given up may still write of it, too. */
  void forget(Connection connection, String segment) throws SQLException;

  /** Returns whose fault a failure is. */
  Fault faultOf(SQLException failure);

  /**
   * Runs the statement that stores the batch, without any record. So a failure of the statement
   * that this one does not meet is the records' fault.
   */
  void writeNothing(Connection connection, RecordBatch batch) throws SQLException;

  /**
   * Asks the database to end what runs on a connection. Called on another thread; may block. If
   * nothing has come of it within a second, the connection is aborted.
   */
  void cancel(Connection connection) throws SQLException;
}
