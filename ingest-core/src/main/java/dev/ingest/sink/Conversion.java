package dev.ingest.sink;

import static java.lang.invoke.MethodType.methodType;

import dev.ingest.record.Field;
import java.lang.invoke.MethodHandle;
import java.lang.invoke.MethodHandles;
import java.lang.reflect.RecordComponent;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.UnknownHostException;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.Function;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * Makes the value of a component of what a column holds, where these are not the same. A value that
 * the component cannot hold is its record's fault.
 */
final class Conversion {
  private final RecordComponent component;
  private final Field field;
  private final Class<?> type;
  private final Map<String, Object> constants;

  /**
   * Makes a conversion.
   *
   * @param type what the value becomes
   */
  Conversion(RecordComponent component, Field field, Class<?> type) {
    this.component = component;
    this.field = field;
    this.type = type;
    this.constants =
        type.isEnum()
            ? Stream.of(type.getEnumConstants())
                .collect(
                    Collectors.toMap(
                        value -> ((Enum<?>) value).name(),
                        Function.identity(),
                        (a, b) -> a,
                        LinkedHashMap::new))
            : Map.of();
  }

  /** Returns the method below that converts to the type, which is named after it. */
  MethodHandle from(Class<?> kept) throws ReflectiveOperationException {
    String name = methodType(type).wrap().returnType().getSimpleName();
    return type.isEnum()
        ? bind("toConstant", Object.class, kept).asType(methodType(type, kept))
        : bind("to" + name, type, kept);
  }

  private MethodHandle bind(String name, Class<?> to, Class<?> from)
      throws ReflectiveOperationException {
    return MethodHandles.lookup().bind(this, name, methodType(to, from));
  }

  int toInteger(long value) throws SinkException {
    return (int) inRange(Integer.MIN_VALUE, Integer.MAX_VALUE, value);
  }

  short toShort(long value) throws SinkException {
    return (short) inRange(Short.MIN_VALUE, Short.MAX_VALUE, value);
  }

  byte toByte(long value) throws SinkException {
    return (byte) inRange(Byte.MIN_VALUE, Byte.MAX_VALUE, value);
  }

  private long inRange(long min, long max, long value) throws SinkException {
    if (value < min || value > max) {
      throw unfit(value, min + " to " + max + "; a long holds every INTEGER");
    }
    return value;
  }

  float toFloat(double value) throws SinkException {
    float rounded = (float) value;
    if (Float.isInfinite(rounded)) {
      throw unfit(value, "at most " + Float.MAX_VALUE + "; a double holds every REAL");
    }
    return rounded;
  }

  Instant toInstant(long nanos) {
    return Instant.ofEpochSecond(0, nanos);
  }

  Object toConstant(String name) throws SinkException {
    Object constant = constants.get(name);
    if (constant == null) {
      throw unfit("'" + name + "'", "one of " + constants.keySet());
    }
    return constant;
  }

  /** Returns the address of a sender; null if that has none and the component may be absent. */
  @Nullable InetSocketAddress toInetSocketAddress(String sender) throws SinkException {
    if (sender.startsWith("unix:")) {
      if (field.optional()) {
        return null;
      }
      throw unfit(
          "'" + sender + "'",
          "address and port; what comes over a Unix socket needs a String, or an"
              + " Optional<InetSocketAddress>");
    }
    int colon = sender.lastIndexOf(':');
    String host = sender.substring(0, colon);
    try {
      // The address in digits, as the server wrote it: nothing is looked up.
      return new InetSocketAddress(
          InetAddress.getByName(host), Integer.parseInt(sender.substring(colon + 1)));
    } catch (UnknownHostException e) {
      throw unfit("'" + sender + "'", "an address of this machine's networks; a String holds any");
    }
  }

  private SinkException unfit(Object value, String expected) {
    return SinkException.permanent(
        "component '%s' of record %s is of the type %s, and the value is %s: expected %s"
            .formatted(
                component.getName(),
                component.getDeclaringRecord().getName(),
                type.getSimpleName(),
                value,
                expected));
  }
}
