/**
 * A server to look at with a browser, and for what watches it: {@code /} is a page, {@code
 * /metrics} is for Prometheus, {@code /health} and {@code /ready} are for what starts and stops
 * containers.
 *
 * <p>In come snapshots of the server, once a second, on the thread {@code page-sampler}. Out go
 * answers on at most {@value dev.ingest.examples.page.PageServer#ANSWER_THREADS} threads {@code
 * page-answer}, and streams of events on at most {@value
 * dev.ingest.examples.page.EventStreams#MOST} threads {@code page-events}. None of them holds a
 * lock that the server waits for.
 */
@NullMarked
package dev.ingest.examples.page;

import org.jspecify.annotations.NullMarked;
