package dev.ingest.record;

import dev.ingest.record.Field.Origin;
import java.time.ZoneId;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.function.UnaryOperator;

/**
 * What every record looks like: a name (the table, the topic) and the ordered fields. Immutable.
 *
 * <pre>{@code
 * Schema readings = Schema.builder("sensor_measurements")
 *     .integer("sensor_id").real("temperature").real("humidity").timestamp("ingested_at")
 *     .build();
 * }</pre>
 *
 * <p>A record must have every field that is not {@linkplain Builder#optional() optional}. What it
 * has beyond the schema is ignored. Where devices send something else than flat objects of the
 * right types, modifiers such as {@code from("/params/ts")} tell how to read the field added last.
 */
public final class Schema {
  /** The most fields a schema may have: {@value}. */
  public static final int MAX_FIELDS = 1024;

  private final String name;
  private final List<Field> fields;

  private Schema(String name, List<Field> fields) {
    this.name = name;
    this.fields = List.copyOf(fields);
  }

  /**
   * Makes the schema of a Java record, which is named after it: {@code sensor_reading} for a record
   * {@code SensorReading}.
   *
   * @param type the record
   * @return the schema, as {@link #of(String, Class)} makes it
   * @throws IllegalArgumentException as {@link #of(String, Class)} does
   */
  public static Schema of(Class<? extends Record> type) {
    return of(RecordFields.schemaName(type), type);
  }

  /**
   * Makes the schema of a Java record: each component becomes a field, in order. A component's name
   * is the field's, of the column and of the member of the record, unless {@link
   * dev.ingest.annotation.Field @Field} says otherwise.
   *
   * <p>The package {@link dev.ingest.annotation} lists what becomes of which type.
   *
   * @param name the name of the table or topic; not blank
   * @param type the record
   * @return the schema
   * @throws IllegalArgumentException if the name is blank, if this is no record, if it has no or
   *     more than {@value #MAX_FIELDS} components, or if one of them has another type or an
   *     annotation that does not fit its type
   */
  public static Schema of(String name, Class<? extends Record> type) {
    Builder builder = builder(name);
    RecordFields.of(type).forEach(builder::field);
    return builder.build();
  }

  /**
   * Returns a builder for a schema.
   *
   * @param name the name of the table or topic; not blank
   * @return a builder without fields
   * @throws IllegalArgumentException if the name is blank
   */
  public static Builder builder(String name) {
    return new Builder(name);
  }

  /**
   * Returns the name of the table or topic.
   *
   * @return the name
   */
  public String name() {
    return name;
  }

  /**
   * Returns the fields, in order. A field's index here is its column in every {@link RecordBatch}.
   *
   * @return an immutable list of at least one field
   */
  public List<Field> fields() {
    return fields;
  }

  /**
   * Returns the index of a field in {@link #fields()}, which is its column in every {@link
   * RecordBatch}. A sink looks columns up once, in its {@code open}.
   *
   * @param field the field's name
   * @return from 0 to the number of fields less one
   * @throws IllegalArgumentException if there is no such field, with those that there are
   */
  public int indexOf(String field) {
    List<String> names = fields.stream().map(Field::name).toList();
    if (names.contains(field)) {
      return names.indexOf(field);
    }
    throw new IllegalArgumentException(
        "schema '" + name + "' has no field '" + field + "': expected one of " + names);
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof Schema that && name.equals(that.name) && fields.equals(that.fields);
  }

  @Override
  public int hashCode() {
    return Objects.hash(name, fields);
  }

  @Override
  public String toString() {
    return "Schema[" + name + ' ' + fields + ']';
  }

  /**
   * Collects fields. What adds one throws {@link IllegalArgumentException} if the name is blank,
   * what changes the one added last {@link IllegalStateException} if there is none. Not
   * thread-safe.
   */
  public static final class Builder {
    private final String name;
    private final List<Field> fields = new ArrayList<>();

    private Builder(String name) {
      this.name = Objects.requireNonNull(name, "name");
      if (name.isBlank()) {
        throw new IllegalArgumentException(
            "schema name is '" + name + "': expected one that is not blank");
      }
    }

    /**
     * Adds a required {@link FieldType#INTEGER}.
     *
     * @param field its name, of the column and of the member of the record; not blank
     * @return this builder
     */
    public Builder integer(String field) {
      return add(field, FieldType.INTEGER, Origin.RECORD);
    }

    /**
     * Adds a required {@link FieldType#REAL}.
     *
     * @param field its name, of the column and of the member of the record; not blank
     * @return this builder
     */
    public Builder real(String field) {
      return add(field, FieldType.REAL, Origin.RECORD);
    }

    /**
     * Adds a required {@link FieldType#TEXT}.
     *
     * @param field its name, of the column and of the member of the record; not blank
     * @return this builder
     */
    public Builder text(String field) {
      return add(field, FieldType.TEXT, Origin.RECORD);
    }

    /**
     * Adds a required {@link FieldType#BOOLEAN}.
     *
     * @param field its name, of the column and of the member of the record; not blank
     * @return this builder
     */
    public Builder bool(String field) {
      return add(field, FieldType.BOOLEAN, Origin.RECORD);
    }

    /**
     * Adds a required {@link FieldType#TIMESTAMP}.
     *
     * @param field its name, of the column and of the member of the record; not blank
     * @return this builder
     */
    public Builder timestamp(String field) {
      return add(field, FieldType.TIMESTAMP, Origin.RECORD);
    }

    /**
     * Adds a required {@link FieldType#JSON}.
     *
     * @param field its name, of the column and of the member of the record; not blank
     * @return this builder
     */
    public Builder json(String field) {
      return add(field, FieldType.JSON, Origin.RECORD);
    }

    /**
     * Adds a {@link FieldType#TIMESTAMP} that the server sets: when it read the record, by the
     * clock of its machine. It stays the same when the record is replayed after a crash. A member
     * of that name in a record is ignored.
     *
     * @param field its name, of the column; not blank
     * @return this builder
     */
    public Builder receivedAt(String field) {
      return add(field, FieldType.TIMESTAMP, Origin.RECEIVED_AT);
    }

    /**
     * Adds a {@link FieldType#TEXT} that the server sets: who sent the record, as address and port
     * such as {@code 192.0.2.7:40123} or {@code [2001:db8::7]:40123}, or for a Unix socket {@code
     * unix:} and its path, of which each byte that is no printable ASCII, a quote or a backslash is
     * written as in a URI ({@code %22}, RFC 3986, 2.1). It stays the same when the record is
     * replayed after a crash. Over UDP without a signature it is what the sender claims. A member
     * of that name in a record is ignored.
     *
     * @param field its name, of the column; not blank
     * @return this builder
     */
    public Builder sender(String field) {
      return add(field, FieldType.TEXT, Origin.SENDER);
    }

    /**
     * Adds a field of another schema.
     *
     * @param field the field
     * @return this builder
     */
    public Builder field(Field field) {
      fields.add(Objects.requireNonNull(field, "field"));
      return this;
    }

    private Builder add(String field, FieldType type, Origin origin) {
      return field(new Field(field, type, origin));
    }

    /**
     * Makes the field added last optional: a record may leave it out or give {@code null} for it.
     * One that the server sets is null then for a record that was spooled under a schema without
     * it.
     *
     * @return this builder
     */
    public Builder optional() {
      return change("optional()", Field::withOptional);
    }

    /**
     * Sets where the value of the field added last is in the record: a JSON Pointer (RFC 6901).
     *
     * <p>{@code /params/switch:0/apower} is a member of a member of a member; {@code /obs/0/7} is
     * element 7 of the first element of the array {@code obs}; the empty pointer is the whole
     * record, for {@link FieldType#JSON} alone. {@link Field#path()} tells when a value is not
     * there.
     *
     * @param pointer empty, or {@code /} before each name or index, of which there are at most 64
     * @return this builder
     * @throws IllegalArgumentException if this is no pointer, or the field is set by the server, or
     *     the pointer is empty and the field is not {@link FieldType#JSON}
     */
    public Builder from(String pointer) {
      return change("from()", field -> field.withPointer(pointer));
    }

    /**
     * Has the field added last also take what devices send for its type: numbers in strings, 0 and
     * 1 as truth values, and what else {@link Field#lenient()} lists.
     *
     * @return this builder
     * @throws IllegalArgumentException if the field is JSON, or is set by the server
     */
    public Builder lenient() {
      return change("lenient()", Field::withLenient);
    }

    /**
     * Sets what numbers in the {@link FieldType#TIMESTAMP} added last count since
     * 1970-01-01T00:00:00Z.
     *
     * @param unit SECONDS, MILLIS, MICROS or NANOS; SECONDS unless set
     * @return this builder
     * @throws IllegalArgumentException if it is another unit, or the field is no TIMESTAMP of the
     *     record
     */
    public Builder epoch(ChronoUnit unit) {
      return change("epoch()", field -> field.withEpoch(unit));
    }

    /**
     * Sets the time zone of texts in the {@link FieldType#TIMESTAMP} added last that have no
     * offset. Of two instants that a text means when clocks are set back, the earlier one is taken;
     * a text that is left out when clocks are set forward is moved forward by as much.
     *
     * @param zone the zone; unless it is set, a text without an offset is rejected
     * @return this builder
     * @throws IllegalArgumentException if the field is no TIMESTAMP of the record
     */
    public Builder zone(ZoneId zone) {
      return change("zone()", field -> field.withZone(zone));
    }

    private Builder change(String modifier, UnaryOperator<Field> change) {
      if (fields.isEmpty()) {
        throw new IllegalStateException(
            modifier + " changes the field before it, and there is none yet");
      }
      fields.add(change.apply(fields.remove(fields.size() - 1)));
      return this;
    }

    /**
     * Makes the schema.
     *
     * @return the schema
     * @throws IllegalArgumentException if there is no field, two have the same name, or there are
     *     more than {@value Schema#MAX_FIELDS}
     */
    public Schema build() {
      if (fields.isEmpty() || fields.size() > MAX_FIELDS) {
        throw new IllegalArgumentException(
            "schema '" + name + "' has " + fields.size() + " fields: expected 1 to " + MAX_FIELDS);
      }
      Set<String> names = new HashSet<>();
      for (Field field : fields) {
        if (!names.add(field.name())) {
          throw new IllegalArgumentException(
              "schema '%s' has two fields named '%s': expected each name once"
                  .formatted(name, field.name()));
        }
      }
      return new Schema(name, fields);
    }
  }
}
