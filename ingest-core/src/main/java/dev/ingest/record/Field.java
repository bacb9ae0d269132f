package dev.ingest.record;

import java.util.Objects;

/**
 * One field of a {@link Schema}.
 *
 * @param name the name, exactly as it stands in the JSON object; not blank
 * @param type what the field holds
 * @param optional whether a record may leave it out or give {@code null} for it
 */
public record Field(String name, FieldType type, boolean optional) {
  /**
   * Makes a field.
   *
   * @param name the name, exactly as it stands in the JSON object; not blank
   * @param type what the field holds
   * @param optional whether a record may leave it out or give {@code null} for it
   * @throws IllegalArgumentException if the name is blank
   */
  public Field {
    Objects.requireNonNull(name, "name");
    Objects.requireNonNull(type, "type");
    if (name.isBlank()) {
      throw new IllegalArgumentException(
          "field name is '" + name + "': expected one that is not blank");
    }
  }
}
