package dev.ingest.jdbc;

import java.util.Optional;

/** A table, with its schema if that is not the one that the connection is in. */
record TableName(Optional<String> schema, String name) {
  /** Returns a table of the connection's schema, whatever is in its name. */
  static TableName of(String name) {
    return new TableName(Optional.empty(), name);
  }

  /** Takes {@code table} or {@code schema.table} apart. */
  static TableName parse(String text) {
    int dot = text.indexOf('.');
    TableName parsed =
        dot < 0
            ? of(text)
            : new TableName(Optional.of(text.substring(0, dot)), text.substring(dot + 1));
    if (parsed.name.isBlank() || parsed.schema.map(String::isBlank).orElse(false)) {
      throw new IllegalArgumentException(
          "the table is '" + text + "': expected a name, or schema.table, no part of it blank");
    }
    return parsed;
  }

  /** Returns another table, of the same schema. */
  TableName beside(String other) {
    return new TableName(schema, other);
  }

  /** Returns the name as it is shown. */
  @Override
  public String toString() {
    return schema.map(s -> s + ".").orElse("") + name;
  }

  /** Returns the name as it stands in SQL. */
  String quoted(String quote) {
    return schema.map(text -> quoted(text, quote) + ".").orElse("") + quoted(name, quote);
  }

  /** Returns a name as it stands in SQL. */
  static String quoted(String text, String quote) {
    return quote + text.replace(quote, quote + quote) + quote;
  }
}
