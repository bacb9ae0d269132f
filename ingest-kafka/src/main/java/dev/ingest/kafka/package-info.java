/**
 * A sink that sends records to Kafka: {@code kafka:host:9092/topic}. Batches come in on the
 * server's writer thread, messages go out.
 */
@NullMarked
package dev.ingest.kafka;

import org.jspecify.annotations.NullMarked;
