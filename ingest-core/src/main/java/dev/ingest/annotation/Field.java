package dev.ingest.annotation;

import java.lang.annotation.Documented;
import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;
import java.time.temporal.ChronoUnit;

/**
 * How the field of a component is named and read, where that is not what the component says.
 *
 * <pre>{@code
 * record Power(
 *     @Field(from = "/src") String device,
 *     @Field(from = "/params/switch:0/apower", lenient = true) OptionalDouble watts,
 *     @Field(name = "measured_at", from = "/params/ts", epoch = ChronoUnit.MILLIS) Instant at,
 *     @Field(from = "", json = true) String raw) {}
 * }</pre>
 *
 * <p>{@link dev.ingest.record.Schema#of(Class)} refuses an element that does not fit the type of
 * the component, as the modifiers of {@link dev.ingest.record.Schema.Builder} do.
 */
@Documented
@Retention(RetentionPolicy.RUNTIME)
@Target(ElementType.RECORD_COMPONENT)
public @interface Field {
  /** The default of {@link #from}, which is no pointer: {@value}. */
  String BY_NAME = "by name";

  /**
   * Returns the name of the column, and unless {@link #from} says otherwise of the member of the
   * record.
   *
   * @return the name; empty, the default, for that of the component
   */
  String name() default "";

  /**
   * Returns where the value is in the record.
   *
   * @return a JSON Pointer as for {@link dev.ingest.record.Schema.Builder#from}; {@link #BY_NAME},
   *     the default, for the member of the field's name
   */
  String from() default BY_NAME;

  /**
   * Tells whether a {@code String} is a {@link dev.ingest.record.FieldType#JSON}: any value, as the
   * text that came.
   *
   * @return false unless set: the value is a JSON string
   */
  boolean json() default false;

  /**
   * Tells whether the field also takes what devices send for its type, see {@link
   * dev.ingest.record.Field#lenient()}.
   *
   * @return false unless set
   */
  boolean lenient() default false;

  /**
   * Returns what a number for an {@link java.time.Instant} counts since 1970-01-01T00:00:00Z.
   *
   * @return SECONDS unless set; or MILLIS, MICROS or NANOS
   */
  ChronoUnit epoch() default ChronoUnit.SECONDS;

  /**
   * Returns the time zone of a text for an {@link java.time.Instant} that has no offset.
   *
   * @return an id that {@link java.time.ZoneId#of(String)} knows, such as {@code Europe/Berlin};
   *     empty, the default, if such a text is rejected
   */
  String zone() default "";
}
