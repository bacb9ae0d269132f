/**
 * How the components of a Java record become the fields of a schema, by {@link
 * dev.ingest.record.Schema#of(Class)}, where their names and types do not say it.
 *
 * <table>
 * <caption>What becomes of a component</caption>
 * <tr><th>type of the component<th>type of the field
 * <tr><td>{@code long}, {@code int}, {@code short}, {@code byte}
 * <td>{@link dev.ingest.record.FieldType#INTEGER}
 * <tr><td>{@code double}, {@code float}<td>{@link dev.ingest.record.FieldType#REAL}
 * <tr><td>{@code boolean}<td>{@link dev.ingest.record.FieldType#BOOLEAN}
 * <tr><td>{@code String}; an enum, by the names of its constants
 * <td>{@link dev.ingest.record.FieldType#TEXT}
 * <tr><td>{@code String} with {@code @Field(json = true)}
 * <td>{@link dev.ingest.record.FieldType#JSON}
 * <tr><td>{@link java.time.Instant}<td>{@link dev.ingest.record.FieldType#TIMESTAMP}
 * <tr><td>{@code Instant} with {@link dev.ingest.annotation.ReceivedAt @ReceivedAt}
 * <td>the time of arrival, which the server sets
 * <tr><td>{@code String} or {@link java.net.InetSocketAddress} with {@link
 * dev.ingest.annotation.Sender @Sender}<td>the sender, which the server sets
 * </table>
 *
 * <p>A field is {@linkplain dev.ingest.record.Schema.Builder#optional() optional} if its component
 * is a boxed number or {@code Boolean}, an {@code Optional} of one of these types, an {@code
 * OptionalLong}, {@code OptionalInt} or {@code OptionalDouble}, or has an annotation named {@code
 * Nullable} that is there at run time: kept in class files for that, and its own class found.
 * JSpecify's is, if its jar is there.
 *
 * <p>A field holds more than some components: an INTEGER more than an {@code int}, a TEXT more than
 * the names of an enum. Such a value is decoded, and {@link dev.ingest.sink.Sink#ofRecords} refuses
 * its record for good.
 */
@NullMarked
package dev.ingest.annotation;

import org.jspecify.annotations.NullMarked;
