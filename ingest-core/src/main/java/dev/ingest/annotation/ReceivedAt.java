package dev.ingest.annotation;

import java.lang.annotation.Documented;
import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;

/**
 * The component, an {@link java.time.Instant}, is when the server read the record, which the server
 * sets: see {@link dev.ingest.record.Schema.Builder#receivedAt}.
 */
@Documented
@Retention(RetentionPolicy.RUNTIME)
@Target(ElementType.RECORD_COMPONENT)
public @interface ReceivedAt {}
