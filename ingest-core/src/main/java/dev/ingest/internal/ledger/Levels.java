package dev.ingest.internal.ledger;

import java.util.OptionalLong;

/**
 * What a snapshot shows beside the accounts, as it stands somewhere else.
 *
 * @param kernelDrops what the kernel dropped; empty if it does not tell
 * @param queueCapacity the most records that the queue holds
 * @param oldestNanos the age of the oldest queued record; 0 if none is queued
 * @param spoolBytes how many bytes of records the spool's files hold
 */
public record Levels(
    OptionalLong kernelDrops, long queueCapacity, long oldestNanos, long spoolBytes) {}
