package dev.ingest.record;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.ingest.annotation.Field;
import dev.ingest.annotation.ReceivedAt;
import dev.ingest.annotation.Sender;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.net.InetSocketAddress;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

class RecordSchemaTest {
  record Power(
      @Field(from = "/src") String device,
      @Field(from = "/params/switch:0/apower", lenient = true) OptionalDouble watts,
      @Field(name = "measured_at", from = "/params/ts", epoch = ChronoUnit.MILLIS) Instant at,
      @Field(zone = "Europe/Berlin") Optional<Instant> local,
      @Field(from = "", json = true) String raw,
      @ReceivedAt Instant receivedAt,
      @Field(name = "by") @Sender InetSocketAddress sender) {}

  @Test
  void a_record_makes_the_schema_that_the_builder_makes() {
    assertEquals(
        Schema.builder("power")
            .text("device")
            .from("/src")
            .real("watts")
            .from("/params/switch:0/apower")
            .lenient()
            .optional()
            .timestamp("measured_at")
            .from("/params/ts")
            .epoch(ChronoUnit.MILLIS)
            .timestamp("local")
            .zone(java.time.ZoneId.of("Europe/Berlin"))
            .optional()
            .json("raw")
            .from("")
            .receivedAt("receivedAt")
            .sender("by")
            .build(),
        Schema.of(Power.class));
  }

  record SensorReading2(long a) {}

  record HTTPLog(long a) {}

  record Under_Score(long a) {}

  @Test
  void a_schema_is_named_after_the_record_unless_it_is_named() {
    record Inner(long a) {}
    assertEquals("sensor_reading2", Schema.of(SensorReading2.class).name());
    assertEquals("http_log", Schema.of(HTTPLog.class).name());
    assertEquals("under_score", Schema.of(Under_Score.class).name());
    assertEquals("inner", Schema.of(Inner.class).name());
    assertEquals("Log 7", Schema.of("Log 7", HTTPLog.class).name());
  }

  /** An annotation on declarations, as there are many. */
  @Retention(RetentionPolicy.RUNTIME)
  @interface Nullable {}

  record Nulls(
      @Nullable String declared,
      @org.jspecify.annotations.Nullable String used,
      Long boxed,
      @Field(name = "n") @Nullable Instant named,
      @ReceivedAt @Nullable Instant at) {}

  @Test
  void any_annotation_named_nullable_makes_a_field_optional() {
    assertTrue(
        Schema.of(Nulls.class).fields().stream().allMatch(dev.ingest.record.Field::optional));
  }

  record Generic<T>(T value) {}

  record GenericOptional<T extends Number>(Optional<T> value) {}

  record Wildcard(Optional<?> value) {}

  record Nested(Optional<Optional<String>> value) {}

  record NestedNumber(Optional<OptionalDouble> value) {}

  @SuppressWarnings("rawtypes")
  record Raw(Optional value) {}

  record Many(List<String> values) {}

  record Letter(char value) {}

  @SuppressWarnings("ArrayRecordComponent")
  record Bytes(byte[] value) {}

  record Unmarked(InetSocketAddress value) {}

  record Component(Power power) {}

  record AnyEnum(Enum<TimeUnit> value) {}

  @Test
  void a_type_that_no_field_holds_is_refused_by_name() {
    assertRefused(Generic.class, "'value' of record dev.ingest.record.RecordSchemaTest$Generic: ");
    assertRefused(Generic.class, "no field holds a T: expected long, int, ");
    assertRefused(GenericOptional.class, "a java.util.Optional<T>: expected long,");
    assertRefused(Wildcard.class, "a java.util.Optional<?>: ");
    assertRefused(Nested.class, "a java.util.Optional<java.util.Optional<java.lang.String>>: ");
    assertRefused(NestedNumber.class, "a java.util.Optional<java.util.OptionalDouble>: ");
    assertRefused(Raw.class, "a java.util.Optional: ");
    assertRefused(Many.class, "a java.util.List<java.lang.String>: ");
    assertRefused(Letter.class, "a char: ");
    assertRefused(Bytes.class, "a byte[]: ");
    assertRefused(Unmarked.class, "a java.net.InetSocketAddress: ");
    assertRefused(Unmarked.class, "or an InetSocketAddress with @Sender");
    assertRefused(Component.class, "RecordSchemaTest$Power: ");
    assertRefused(AnyEnum.class, "a java.lang.Enum<java.util.concurrent.TimeUnit>: ");
  }

  @SuppressWarnings("NullablePrimitive")
  record NullableLong(@Nullable long value) {}

  record Both(@Sender @ReceivedAt Instant value) {}

  record SenderTime(@Sender Instant value) {}

  record ReceivedText(@ReceivedAt String value) {}

  record SenderFrom(@Field(from = "/a") @Sender String value) {}

  record SenderJson(@Field(json = true) @Sender String value) {}

  record JsonNumber(@Field(json = true) long value) {}

  record JsonLenient(@Field(json = true, lenient = true) String value) {}

  record EpochText(@Field(epoch = ChronoUnit.MILLIS) String value) {}

  record EpochDays(@Field(epoch = ChronoUnit.DAYS) Instant value) {}

  record ZoneNumber(@Field(zone = "UTC") long value) {}

  record ZoneUnknown(@Field(zone = "Mars/Base") Instant value) {}

  record NoPointer(@Field(from = "a") long value) {}

  record WholeText(@Field(from = "") String value) {}

  record Blank(@Field(name = " ") long value) {}

  @Test
  void an_annotation_that_does_not_fit_is_refused_by_name() {
    assertRefused(NullableLong.class, "@Nullable does not apply to a long: expected its boxed");
    assertRefused(Both.class, "expected @Sender or @ReceivedAt, not both");
    assertRefused(SenderTime.class, "@Sender does not apply to a java.time.Instant: expected a S");
    assertRefused(ReceivedText.class, "@ReceivedAt does not apply to a java.lang.String: expected");
    assertRefused(SenderFrom.class, "from() does not apply to the field 'value', which is set by");
    assertRefused(SenderJson.class, "@Field(json = true) does not apply to a java.lang.String");
    assertRefused(JsonNumber.class, "@Field(json = true) does not apply to a long: expected a Str");
    assertRefused(
        JsonLenient.class, "lenient() does not apply to the field 'value', which is JSON");
    assertRefused(EpochText.class, "epoch() does not apply to the field 'value', which is TEXT");
    assertRefused(EpochDays.class, "epoch of field 'value' is DAYS: expected SECONDS, MILLIS,");
    assertRefused(ZoneNumber.class, "zone() does not apply to the field 'value', which is INTEGER");
    assertRefused(ZoneUnknown.class, "zone is 'Mars/Base': expected the id of a time zone");
    assertRefused(NoPointer.class, "from of field 'value' is 'a', which is no JSON Pointer");
    assertRefused(WholeText.class, "from(\"\") does not apply to the field 'value', which is TEXT");
    assertRefused(Blank.class, "field name is ' ': expected one that is not blank");
  }

  record Twice(long a, @Field(name = "a") long b) {}

  record Empty() {}

  @Test
  void what_makes_no_schema_is_refused() {
    assertRefused(Twice.class, "schema 'twice' has two fields named 'a'");
    assertRefused(Empty.class, "schema 'empty' has 0 fields: expected 1 to 1024");
    assertRefused(Record.class, "class java.lang.Record is no record");
  }

  private static void assertRefused(Class<? extends Record> type, String message) {
    String actual =
        assertThrows(IllegalArgumentException.class, () -> Schema.of(type)).getMessage();
    assertTrue(actual.contains(message), actual);
  }
}
