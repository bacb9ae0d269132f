package dev.ingest.record;

import dev.ingest.annotation.ReceivedAt;
import dev.ingest.annotation.Sender;
import dev.ingest.record.Field.Origin;
import java.lang.invoke.MethodType;
import java.lang.reflect.ParameterizedType;
import java.lang.reflect.RecordComponent;
import java.lang.reflect.Type;
import java.net.InetSocketAddress;
import java.time.DateTimeException;
import java.time.Instant;
import java.time.ZoneId;
import java.time.temporal.ChronoUnit;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.OptionalInt;
import java.util.OptionalLong;
import java.util.stream.Stream;

/** The fields of a schema, as the components of a Java record say. */
final class RecordFields {
  private static final Map<Class<?>, FieldType> TYPES =
      Map.of(
          long.class, FieldType.INTEGER,
          int.class, FieldType.INTEGER,
          short.class, FieldType.INTEGER,
          byte.class, FieldType.INTEGER,
          double.class, FieldType.REAL,
          float.class, FieldType.REAL,
          boolean.class, FieldType.BOOLEAN,
          String.class, FieldType.TEXT,
          Instant.class, FieldType.TIMESTAMP);

  private static final Map<Type, Type> OPTIONAL_NUMBERS =
      Map.of(
          OptionalLong.class, long.class,
          OptionalInt.class, int.class,
          OptionalDouble.class, double.class);

  private RecordFields() {}

  /** Returns the name of a record in lower case, with an underscore before each further word. */
  static String schemaName(Class<? extends Record> type) {
    return type.getSimpleName()
        .replaceAll("(?<=[\\p{Ll}\\p{Nd}])(?=\\p{Lu})|(?<=\\p{Lu})(?=\\p{Lu}\\p{Ll})", "_")
        .toLowerCase(Locale.ROOT);
  }

  static Stream<Field> of(Class<? extends Record> type) {
    if (!type.isRecord()) {
      throw new IllegalArgumentException(type + " is no record: expected the class of one");
    }
    return Stream.of(type.getRecordComponents()).map(RecordFields::field);
  }

  private static Field field(RecordComponent component) {
    try {
      var annotation = component.getAnnotation(dev.ingest.annotation.Field.class);
      Origin origin = origin(component);
      if (annotation == null) {
        return optional(new Field(component.getName(), type(component, origin), origin), component);
      }
      String name = annotation.name().isEmpty() ? component.getName() : annotation.name();
      FieldType type = annotation.json() ? json(component, origin) : type(component, origin);
      return annotated(optional(new Field(name, type, origin), component), annotation);
    } catch (IllegalArgumentException e) {
      throw new IllegalArgumentException(
          "component '%s' of record %s: %s"
              .formatted(
                  component.getName(), component.getDeclaringRecord().getName(), e.getMessage()),
          e);
    }
  }

  private static Origin origin(RecordComponent component) {
    boolean isSender = component.isAnnotationPresent(Sender.class);
    if (component.isAnnotationPresent(ReceivedAt.class)) {
      if (isSender) {
        throw new IllegalArgumentException("expected @Sender or @ReceivedAt, not both");
      }
      return Origin.RECEIVED_AT;
    }
    return isSender ? Origin.SENDER : Origin.RECORD;
  }

  private static FieldType type(RecordComponent component, Origin origin) {
    Type type = valueType(component);
    return switch (origin) {
      case SENDER -> {
        if (type != String.class && type != InetSocketAddress.class) {
          throw unfit("@Sender", component, "a String or an InetSocketAddress");
        }
        yield FieldType.TEXT;
      }
      case RECEIVED_AT -> {
        if (type != Instant.class) {
          throw unfit("@ReceivedAt", component, "an Instant");
        }
        yield FieldType.TIMESTAMP;
      }
      case RECORD -> {
        FieldType plain = TYPES.get(type);
        if (plain == null && !(type instanceof Class<?> known && known.isEnum())) {
          throw new IllegalArgumentException(
              "no field holds a "
                  + component.getGenericType().getTypeName()
                  + ": expected long, int, short, byte, double, float, boolean, String, an enum,"
                  + " Instant, a boxed one or an Optional of these, OptionalLong, OptionalInt or"
                  + " OptionalDouble, or an InetSocketAddress with @Sender");
        }
        yield plain == null ? FieldType.TEXT : plain;
      }
    };
  }

  private static FieldType json(RecordComponent component, Origin origin) {
    if (valueType(component) != String.class || origin != Origin.RECORD) {
      throw unfit("@Field(json = true)", component, "a String that the server does not set");
    }
    return FieldType.JSON;
  }

  private static IllegalArgumentException unfit(
      String annotation, RecordComponent component, String expected) {
    return new IllegalArgumentException(
        annotation
            + " does not apply to a "
            + component.getGenericType().getTypeName()
            + ": expected "
            + expected);
  }

  /** Returns the type of a value that is there: a class, or a type that no field holds. */
  private static Type valueType(RecordComponent component) {
    Type type = component.getGenericType();
    type = OPTIONAL_NUMBERS.getOrDefault(type, type);
    if (type instanceof ParameterizedType generic && generic.getRawType() == Optional.class) {
      type = generic.getActualTypeArguments()[0];
    }
    return type instanceof Class<?> known
        ? MethodType.methodType(known).unwrap().returnType()
        : type;
  }

  private static Field optional(Field field, RecordComponent component) {
    boolean nullable =
        Stream.of(component, component.getAnnotatedType(), component.getAccessor())
            .flatMap(element -> Stream.of(element.getAnnotations()))
            .anyMatch(annotation -> annotation.annotationType().getSimpleName().equals("Nullable"));
    if (nullable && component.getType().isPrimitive()) {
      throw unfit("@Nullable", component, "its boxed type");
    }
    return nullable || valueType(component) != component.getType() ? field.withOptional() : field;
  }

  private static Field annotated(Field plain, dev.ingest.annotation.Field annotation) {
    Field field = plain;
    if (!annotation.from().equals(dev.ingest.annotation.Field.BY_NAME)) {
      field = field.withPointer(annotation.from());
    }
    if (annotation.lenient()) {
      field = field.withLenient();
    }
    if (annotation.epoch() != ChronoUnit.SECONDS) {
      field = field.withEpoch(annotation.epoch());
    }
    return annotation.zone().isEmpty() ? field : field.withZone(zone(annotation.zone()));
  }

  private static ZoneId zone(String id) {
    try {
      return ZoneId.of(id);
    } catch (DateTimeException e) {
      throw new IllegalArgumentException(
          "zone is '" + id + "': expected the id of a time zone, such as Europe/Berlin", e);
    }
  }
}
