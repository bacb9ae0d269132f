package dev.ingest.annotation;

import java.lang.annotation.Documented;
import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;

/**
 * The component is who sent the record, which the server sets: a {@code String} as {@link
 * dev.ingest.record.Schema.Builder#sender} writes it, or a {@link java.net.InetSocketAddress}.
 *
 * <p>What comes over a Unix socket has no such address. An {@code InetSocketAddress} that is
 * optional is absent then, and with one that is not the sink refuses the record for good: a server
 * with Unix sockets has a {@code String}, or an {@code Optional<InetSocketAddress>}.
 */
@Documented
@Retention(RetentionPolicy.RUNTIME)
@Target(ElementType.RECORD_COMPONENT)
public @interface Sender {}
