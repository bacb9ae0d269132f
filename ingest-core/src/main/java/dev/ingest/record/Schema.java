package dev.ingest.record;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Objects;
import java.util.Set;

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
 * has beyond the schema is ignored.
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
   * Returns the column of a field: its index in {@link #fields()}, by which a {@link RecordBatch}
   * is read. Takes time in proportion to the number of fields, so a sink looks columns up once, in
   * its {@code open}.
   *
   * @param field the field's name
   * @return from 0 to the number of fields less one
   * @throws IllegalArgumentException if there is no such field, with those that there are
   */
  public int column(String field) {
    for (int column = 0; column < fields.size(); column++) {
      if (fields.get(column).name().equals(field)) {
        return column;
      }
    }
    throw new IllegalArgumentException(
        "schema '"
            + name
            + "' has no field '"
            + field
            + "': expected one of "
            + fields.stream().map(Field::name).toList());
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

  /** Collects the fields of a schema. Not thread-safe. */
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
     * @param field its name
     * @return this builder
     */
    public Builder integer(String field) {
      return field(new Field(field, FieldType.INTEGER, false));
    }

    /**
     * Adds a required {@link FieldType#REAL}.
     *
     * @param field its name
     * @return this builder
     */
    public Builder real(String field) {
      return field(new Field(field, FieldType.REAL, false));
    }

    /**
     * Adds a required {@link FieldType#TEXT}.
     *
     * @param field its name
     * @return this builder
     */
    public Builder text(String field) {
      return field(new Field(field, FieldType.TEXT, false));
    }

    /**
     * Adds a required {@link FieldType#BOOLEAN}.
     *
     * @param field its name
     * @return this builder
     */
    public Builder bool(String field) {
      return field(new Field(field, FieldType.BOOLEAN, false));
    }

    /**
     * Adds a required {@link FieldType#TIMESTAMP}.
     *
     * @param field its name
     * @return this builder
     */
    public Builder timestamp(String field) {
      return field(new Field(field, FieldType.TIMESTAMP, false));
    }

    /**
     * Makes the field added last optional: a record may leave it out or give {@code null} for it.
     *
     * @return this builder
     * @throws IllegalStateException if no field was added yet
     */
    public Builder optional() {
      if (fields.isEmpty()) {
        throw new IllegalStateException(
            "optional() makes the field before it optional, and there is none yet");
      }
      Field last = fields.remove(fields.size() - 1);
      return field(new Field(last.name(), last.type(), true));
    }

    /**
     * Adds a field.
     *
     * @param field the field
     * @return this builder
     */
    public Builder field(Field field) {
      fields.add(Objects.requireNonNull(field, "field"));
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
              "schema '"
                  + name
                  + "' has two fields named '"
                  + field.name()
                  + "': expected each name once");
        }
      }
      return new Schema(name, fields);
    }
  }
}
