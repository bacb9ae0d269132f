package dev.ingest.sink;

import java.util.List;

/**
 * Takes the records of a batch as Java records: what {@link Sink#ofRecords} is made of.
 *
 * @param <R> the record
 */
@FunctionalInterface
public interface RecordConsumer<R extends Record> {
  /**
   * Stores all records. Called on the server's writer thread, and never twice at a time. May block:
   * receiving goes on meanwhile. An interrupt asks for a prompt return (S8).
   *
   * @param records at least one; a new list for each call, which may be kept and changed
   * @throws SinkException if no record was stored; it tells whether a retry may help
   * @throws Exception if no record was stored and a retry may help
   */
  void accept(List<R> records) throws Exception;
}
