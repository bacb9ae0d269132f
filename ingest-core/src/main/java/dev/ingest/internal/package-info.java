/**
 * The inside of the server. Nothing here is exported.
 *
 * <pre>
 * server       what a server consists of, wired
 *   |_______________________________________________
 *   v                                               v
 * receive      messages from sockets,             deliver  batches to the sink, replays of the spool
 *   .udp .stream                                    |
 *   |                                               |
 *   v                                               |
 * intake       messages into batches  ==&gt; batch ==&gt;|
 *   |     \__________________        ______________/
 *   v                        v      v
 * json     (by decode)       custody  where each record is now
 *                            |     |
 *                            v     v
 *                         spool   ledger &lt;= deadletter      file  jfr  log
 * </pre>
 *
 * <p>The words that are used throughout, the same in code, logs, messages and documents:
 *
 * <ul>
 *   <li><b>source</b>: a port or a socket that is received on. <b>message</b>: what it delivers as
 *       a unit: for UDP a datagram, on a stream a line. A message holds one or more <b>records</b>.
 *   <li><b>arrival</b>: when a message arrived, and who sent it, where the schema keeps that. On a
 *       line of the spool it stands before the record, as a <b>header</b>.
 *   <li><b>batch</b>: records in columns, filled by a receiver, written by the writer, used again.
 *   <li><b>commit</b>: make the rows of a message count; <b>roll back</b>: forget them.
 *   <li><b>hand over</b>: give a batch to the writer through the queue.
 *   <li><b>flush</b>, what a host asks for: to read what the sockets hold, hand it over, and wait
 *       until it is settled.
 *   <li><b>journal</b>: to write records to disk before they are queued. <b>defer</b>: to leave
 *       records to the spool, to be replayed later. Both are kept in <b>segments</b>.
 *   <li><b>pending</b>: deferred and not yet replayed. <b>settled</b>: stored, dead-lettered or
 *       dropped, so that nobody reads the line again.
 *   <li><b>advance</b>: move on in what is pending, past lines that need not be read again.
 *   <li><b>seal</b> a segment: nothing more is appended to it.
 *   <li><b>refuse</b>: what a sink does to a record for good. <b>reject</b>: what the decoder does
 *       to a message.
 *   <li><b>drain</b>: store all that has arrived, at the close. <b>abandon</b> the queue: end the
 *       drain, since its time is over. <b>salvage</b>: then keep what is left, in the spool if
 *       there is one.
 *   <li><b>give up</b> a call on a disk: to wait for it no longer. The batch that it was to write
 *       is <b>in doubt</b> then.
 *   <li><b>persisted, dead-lettered, dropped, queued, spooled, lost</b>: the accounts of the
 *       ledger, see {@link dev.ingest.stats.IngestStats}.
 * </ul>
 */
@NullMarked
package dev.ingest.internal;

import org.jspecify.annotations.NullMarked;
