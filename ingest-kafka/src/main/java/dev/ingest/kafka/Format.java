package dev.ingest.kafka;

import java.util.List;
import java.util.Optional;

/** What a message looks like. Immutable. */
record Format(Optional<String> key, List<String> headers, Message message, Value value) {
  /** What goes into one message. */
  enum Message {
    RECORD,
    BATCH
  }

  /** Where the JSON of a record is from. */
  enum Value {
    /** It is what came. */
    PAYLOAD,
    /** It is built from the fields of the schema. */
    COLUMNS
  }

  static final Format DEFAULT =
      new Format(Optional.empty(), List.of(), Message.RECORD, Value.PAYLOAD);

  Format withKey(String field) {
    return new Format(Optional.of(field), headers, message, value);
  }

  Format withHeaders(List<String> fields) {
    return new Format(key, List.copyOf(fields), message, value);
  }

  Format with(Message other) {
    return new Format(key, headers, other, value);
  }

  Format with(Value other) {
    return new Format(key, headers, message, other);
  }

  /** Returns what does not go together; empty if all does. */
  Optional<String> fault() {
    return message == Message.BATCH && (key.isPresent() || !headers.isEmpty())
        ? Optional.of(
            "a message with many records has no key or headers of one: expected one record a"
                + " message, or neither key nor headers")
        : Optional.empty();
  }
}
