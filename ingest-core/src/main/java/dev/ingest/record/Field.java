package dev.ingest.record;

import java.time.ZoneId;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * One field of a {@link Schema}, made by its {@linkplain Schema.Builder builder}: its name, what it
 * holds, and where its value comes from. Immutable.
 */
public final class Field {
  /** Where the value of a field comes from. */
  public enum Origin {
    /** From the record, at the field's {@link Field#path()}. */
    RECORD,
    /** From the server: when the record arrived. */
    RECEIVED_AT,
    /** From the server: who sent the record. */
    SENDER
  }

  /** The most names and indices that a pointer may have: no record is nested deeper. */
  static final int MAX_PATH = 64;

  private static final Set<ChronoUnit> EPOCH_UNITS =
      Set.of(ChronoUnit.SECONDS, ChronoUnit.MILLIS, ChronoUnit.MICROS, ChronoUnit.NANOS);

  private final String name;
  private final FieldType type;
  private final Origin origin;
  private List<String> path;
  private boolean optional;
  private boolean lenient;
  private ChronoUnit epoch = ChronoUnit.SECONDS;
  private @Nullable ZoneId zone;

  Field(String name, FieldType type, Origin origin) {
    this.name = Objects.requireNonNull(name, "name");
    this.type = type;
    this.origin = origin;
    this.path = List.of(name);
    if (name.isBlank()) {
      throw new IllegalArgumentException(
          "field name is '" + name + "': expected one that is not blank");
    }
  }

  private Field(Field other) {
    this.name = other.name;
    this.type = other.type;
    this.origin = other.origin;
    this.path = other.path;
    this.optional = other.optional;
    this.lenient = other.lenient;
    this.epoch = other.epoch;
    this.zone = other.zone;
  }

  Field withOptional() {
    Field copy = new Field(this);
    copy.optional = true;
    return copy;
  }

  Field withPointer(String pointer) {
    Field copy = new Field(this);
    if (origin != Origin.RECORD) {
      throw inapplicable("from()", "a field of the record");
    }
    copy.path = path(pointer);
    if (copy.path.isEmpty() && type != FieldType.JSON) {
      throw inapplicable("from(\"\")", FieldType.JSON);
    }
    return copy;
  }

  Field withLenient() {
    Field copy = new Field(this);
    if (origin != Origin.RECORD || type == FieldType.JSON) {
      throw inapplicable("lenient()", "a field of the record that is not JSON");
    }
    copy.lenient = true;
    return copy;
  }

  Field withEpoch(ChronoUnit unit) {
    Field copy = new Field(this);
    if (origin != Origin.RECORD || type != FieldType.TIMESTAMP) {
      throw inapplicable("epoch()", "a TIMESTAMP of the record");
    }
    if (!EPOCH_UNITS.contains(unit)) {
      throw new IllegalArgumentException(
          "epoch of field '"
              + name
              + "' is "
              + unit.name()
              + ": expected SECONDS, MILLIS, MICROS or NANOS");
    }
    copy.epoch = unit;
    return copy;
  }

  Field withZone(ZoneId id) {
    Field copy = new Field(this);
    if (origin != Origin.RECORD || type != FieldType.TIMESTAMP) {
      throw inapplicable("zone()", "a TIMESTAMP of the record");
    }
    copy.zone = Objects.requireNonNull(id, "id");
    return copy;
  }

  private IllegalArgumentException inapplicable(String modifier, Object expected) {
    return new IllegalArgumentException(
        modifier
            + " does not apply to the field '"
            + name
            + "', which is "
            + (origin == Origin.RECORD ? type : "set by the server")
            + ": expected "
            + expected);
  }

  private List<String> path(String pointer) {
    Objects.requireNonNull(pointer, "pointer");
    if (!pointer.isEmpty() && pointer.charAt(0) != '/') {
      throw badPointer(pointer, "expected one that is empty or begins with '/'");
    }
    List<String> tokens = new ArrayList<>();
    for (String token : pointer.split("/", -1)) {
      if (token.replace("~0", "").replace("~1", "").indexOf('~') >= 0) {
        throw badPointer(pointer, "expected ~0 for a '~' in a name, and ~1 for a '/'");
      }
      tokens.add(token.replace("~1", "/").replace("~0", "~"));
    }
    if (tokens.size() > MAX_PATH + 1) {
      throw badPointer(pointer, "expected at most " + MAX_PATH + " names and indices");
    }
    return List.copyOf(tokens.subList(1, tokens.size()));
  }

  private IllegalArgumentException badPointer(String pointer, String expected) {
    return new IllegalArgumentException(
        "from of field '"
            + name
            + "' is '"
            + pointer
            + "', which is no JSON Pointer (RFC 6901): "
            + expected);
  }

  /**
   * Returns the name: of the column, and unless {@link Schema.Builder#from} says otherwise, of the
   * record's member.
   *
   * @return the name, not blank
   */
  public String name() {
    return name;
  }

  /**
   * Returns what the field holds.
   *
   * @return the type
   */
  public FieldType type() {
    return type;
  }

  /**
   * Tells whether a record may leave the field out or give {@code null} for it.
   *
   * @return true if a record may
   */
  public boolean optional() {
    return optional;
  }

  /**
   * Returns where the value comes from.
   *
   * @return the origin
   */
  public Origin origin() {
    return origin;
  }

  /**
   * Returns what leads to the value in the record: names of members, and indices of arrays.
   *
   * <p>{@code /temp} is the member {@code temp} of the record, as it is for a field named {@code
   * temp} without a pointer; {@code /params/switch:0/apower} is a member of a member of a member;
   * {@code /obs/0/7} is element 7 of the first element of the array {@code obs}. In a name, {@code
   * ~1} stands for {@code /} and {@code ~0} for {@code ~}. The empty pointer is the whole record,
   * for {@link FieldType#JSON} alone. Several fields may have the same pointer, or one that leads
   * into what another one holds.
   *
   * <p>The value is not there, so that an optional field is null and a record without a required
   * one is rejected, if a member on the path is missing, if an array has no element of the index,
   * or if the path leads through a value that is neither an object nor an array. An index is
   * decimal, without leading zeros; other names lead to nothing in an array. A member that is on
   * the path of a field and stands twice in its object rejects the record.
   *
   * @return an immutable list, which is empty for the whole record
   */
  public List<String> path() {
    return path;
  }

  /**
   * Tells whether the field also takes what devices send for its type:
   *
   * <ul>
   *   <li>INTEGER: a number with a fraction or an exponent, if its value is an integer exactly
   *       ({@code 17.0}, {@code 1e3}); and a number in a string
   *   <li>REAL and TIMESTAMP: a number in a string
   *   <li>BOOLEAN: the numbers 0 and 1, and in strings, in upper or lower case, {@code true},
   *       {@code on}, {@code yes} and {@code 1}, {@code false}, {@code off}, {@code no} and {@code
   *       0}
   *   <li>TEXT: numbers, as they came, and truth values
   * </ul>
   *
   * <p>A number in a string may have white space around it, a plus sign, leading zeros, and no
   * digit before or after the point. It has at most 1,000 digits, as in JSON.
   *
   * <p>A {@code nan}, {@code inf} or {@code infinity}, in upper or lower case and with any sign, is
   * no JSON. It makes a lenient field null that is optional, and rejects the record if the field is
   * required or not lenient; for numbers and timestamps it may stand in a string. Where the schema
   * has no field, it is skipped if any other field is lenient.
   *
   * @return true after {@link Schema.Builder#lenient()}
   */
  public boolean lenient() {
    return lenient;
  }

  /**
   * Returns what a number in a {@link FieldType#TIMESTAMP} counts since 1970.
   *
   * @return SECONDS, MILLIS, MICROS or NANOS
   */
  public ChronoUnit epoch() {
    return epoch;
  }

  /**
   * Returns the time zone of a {@link FieldType#TIMESTAMP}'s text that has no offset.
   *
   * @return empty if such a text is rejected
   */
  public Optional<ZoneId> zone() {
    return Optional.ofNullable(zone);
  }

  private List<Object> all() {
    return List.of(name, type, origin, path, optional, lenient, epoch, zone());
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof Field that && all().equals(that.all());
  }

  @Override
  public int hashCode() {
    return all().hashCode();
  }

  /** Returns the field as it stands in messages, with what is not the default. */
  @Override
  public String toString() {
    StringBuilder text = new StringBuilder(name).append(' ');
    text.append(origin == Origin.RECORD ? type : origin);
    if (!path.equals(List.of(name))) {
      text.append(" from ").append(path);
    }
    text.append(optional ? " optional" : "").append(lenient ? " lenient" : "");
    text.append(epoch == ChronoUnit.SECONDS ? "" : " epoch " + epoch.name());
    return text.append(zone == null ? "" : " zone " + zone).toString();
  }
}
