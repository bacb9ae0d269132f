package dev.ingest.sink;

import static java.lang.invoke.MethodType.methodType;

import dev.ingest.record.Field;
import dev.ingest.record.RecordBatch;
import java.lang.invoke.MethodHandle;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.MethodType;
import java.lang.reflect.ParameterizedType;
import java.lang.reflect.RecordComponent;
import java.lang.reflect.Type;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.OptionalInt;
import java.util.OptionalLong;

/**
 * Reads the value of one component of a Java record from a column: a method handle, which boxes
 * nothing that the component does not box.
 */
final class ColumnReader {
  /** What is read from. */
  static final MethodType ROW = methodType(void.class, RecordBatch.class, int.class);

  private static final MethodHandles.Lookup LOOKUP = MethodHandles.lookup();

  /** What the optional types hold. */
  private static final Map<Class<?>, Class<?>> OPTIONAL =
      Map.of(
          Optional.class, Object.class,
          OptionalLong.class, long.class,
          OptionalInt.class, int.class,
          OptionalDouble.class, double.class);

  private final RecordComponent component;
  private final Field field;
  private final int column;

  ColumnReader(RecordComponent component, Field field, int column) {
    this.component = component;
    this.field = field;
    this.column = column;
  }

  /** Returns a handle that takes a {@link #ROW} and returns the component. */
  MethodHandle handle() throws ReflectiveOperationException {
    MethodHandle value = value();
    if (!field.optional()) {
      return value;
    }
    Class<?> type = component.getType();
    MethodHandle present = OPTIONAL.containsKey(type) ? wrapped(value) : value;
    MethodHandle absent =
        OPTIONAL.containsKey(type)
            ? LOOKUP.findStatic(type, "empty", methodType(type))
            : MethodHandles.constant(type, null);
    return MethodHandles.guardWithTest(
        getter("isNull", boolean.class),
        MethodHandles.dropArguments(absent, 0, ROW.parameterList()),
        present.asType(ROW.changeReturnType(type)));
  }

  private MethodHandle wrapped(MethodHandle value) throws ReflectiveOperationException {
    Class<?> type = component.getType();
    Class<?> content = OPTIONAL.get(type);
    return MethodHandles.filterReturnValue(
        value.asType(ROW.changeReturnType(content)),
        LOOKUP.findStatic(
            type, type == Optional.class ? "ofNullable" : "of", methodType(type, content)));
  }

  private MethodHandle value() throws ReflectiveOperationException {
    MethodHandle read =
        switch (field.type()) {
          case INTEGER, TIMESTAMP -> getter("getLong", long.class);
          case REAL -> getter("getDouble", double.class);
          case BOOLEAN -> getter("getBoolean", boolean.class);
          case TEXT, JSON -> getter("getString", String.class);
        };
    Class<?> type = valueType();
    Class<?> kept = read.type().returnType();
    return type == kept
        ? read
        : MethodHandles.filterReturnValue(read, new Conversion(component, field, type).from(kept));
  }

  private MethodHandle getter(String name, Class<?> type) throws ReflectiveOperationException {
    return MethodHandles.insertArguments(
        LOOKUP.findVirtual(RecordBatch.class, name, methodType(type, int.class, int.class)),
        2,
        column);
  }

  /** Returns the type of a value that is there, without a box. */
  private Class<?> valueType() {
    Class<?> type = component.getType();
    if (type == Optional.class) {
      Type content = ((ParameterizedType) component.getGenericType()).getActualTypeArguments()[0];
      type = (Class<?>) content; // Schema.of takes no other
    }
    return methodType(OPTIONAL.getOrDefault(type, type)).unwrap().returnType();
  }
}
