package dev.ingest.sink;

import dev.ingest.record.Field;
import dev.ingest.record.RecordBatch;
import dev.ingest.record.Schema;
import java.lang.invoke.MethodHandle;
import java.lang.invoke.MethodHandles;
import java.lang.reflect.Constructor;
import java.lang.reflect.InaccessibleObjectException;
import java.lang.reflect.RecordComponent;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** Hands the records of each batch over as Java records. */
final class RecordSink<R extends Record> implements Sink {
  /** A call of a method handle has at most 255 arguments; this leaves some for what we add. */
  private static final int MAX_SLOTS = 250;

  private final Class<R> type;
  private final RecordConsumer<R> consumer;
  private final Schema expected;
  private final MethodHandle constructor;
  private @Nullable MethodHandle reader;

  RecordSink(Class<R> type, RecordConsumer<R> consumer) {
    this.type = type;
    this.consumer = Objects.requireNonNull(consumer, "consumer");
    this.expected = Schema.of(type);
    this.constructor = constructor(type);
  }

  private static MethodHandle constructor(Class<? extends Record> type) {
    Class<?>[] components =
        Stream.of(type.getRecordComponents())
            .map(RecordComponent::getType)
            .toArray(Class<?>[]::new);
    checkCount(type, components);
    try {
      Constructor<?> canonical = type.getDeclaredConstructor(components);
      canonical.setAccessible(true);
      return MethodHandles.lookup().unreflectConstructor(canonical);
    } catch (InaccessibleObjectException e) {
      String module = type.getModule().getName();
      throw new IllegalArgumentException(
          "record %s cannot be made, since its module %s does not open it: add 'opens %s to"
                  .formatted(type.getName(), module, type.getPackageName())
              + " dev.ingest.core;' to the module-info.java of "
              + module,
          e);
    } catch (ReflectiveOperationException e) {
      throw new IllegalStateException(e); // every record has it, and it is accessible now
    }
  }

  private static void checkCount(Class<?> type, Class<?>[] components) {
    int slots =
        Stream.of(components)
            .mapToInt(component -> component == long.class || component == double.class ? 2 : 1)
            .sum();
    if (slots > MAX_SLOTS) {
      throw new IllegalArgumentException(
          "record %s has %d components, where long and double count twice: expected at most %d"
              .formatted(type.getName(), slots, MAX_SLOTS));
    }
  }

  @Override
  public void open(Schema schema) throws SinkException {
    List<Field> fields = expected.fields();
    int[] columns = new int[fields.size()];
    for (int i = 0; i < columns.length; i++) {
      columns[i] = column(schema, fields.get(i));
    }
    reader = reader(columns);
  }

  private int column(Schema schema, Field wanted) throws SinkException {
    int column = schema.fields().stream().map(Field::name).toList().indexOf(wanted.name());
    if (column < 0) {
      throw unfit(schema, wanted, "has no field of that name");
    }
    Field field = schema.fields().get(column);
    if (field.type() != wanted.type()
        || field.origin() != wanted.origin()
        || (field.optional() && !wanted.optional())) {
      throw unfit(schema, wanted, "has '" + field + "' there");
    }
    return column;
  }

  private SinkException unfit(Schema schema, Field wanted, String fault) {
    return SinkException.permanent(
        "record %s needs the field '%s', and the schema '%s' %s: expected the fields of Schema.of(%s.class)"
            .formatted(type.getName(), wanted, schema.name(), fault, type.getSimpleName()));
  }

  /** Returns a handle that takes a batch and a row, and returns the record. */
  private MethodHandle reader(int[] columns) {
    RecordComponent[] components = type.getRecordComponents();
    MethodHandle read =
        MethodHandles.dropArguments(
            constructor, components.length, ColumnReader.ROW.parameterList());
    try {
      for (int i = components.length - 1; i >= 0; i--) {
        ColumnReader column = new ColumnReader(components[i], expected.fields().get(i), columns[i]);
        read = MethodHandles.foldArguments(read, i, column.handle());
      }
    } catch (ReflectiveOperationException e) {
      throw new IllegalStateException(e); // what is looked up are methods of the JDK and our own
    }
    return read.asType(ColumnReader.ROW.changeReturnType(Record.class));
  }

  @Override
  public void write(RecordBatch batch) throws Exception {
    MethodHandle read = Objects.requireNonNull(reader);
    List<R> records = new ArrayList<>(batch.size());
    for (int row = 0; row < batch.size(); row++) {
      records.add(type.cast(read(read, batch, row)));
    }
    consumer.accept(records);
  }

  private Record read(MethodHandle read, RecordBatch batch, int row) throws SinkException {
    try {
      return (Record) read.invokeExact(batch, row);
    } catch (SinkException | Error e) {
      throw e;
    } catch (Throwable e) {
      throw SinkException.permanent(
          "the constructor of record " + type.getName() + " refused the values: " + e, e);
    }
  }
}
