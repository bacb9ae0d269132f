package dev.ingest.examples;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import dev.ingest.record.Schema;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.ZoneId;
import java.time.temporal.ChronoUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class SchemaFileTest {
  private static final String TYPES =
      "[integer, real, text, bool, timestamp, json, receivedAt, sender]";

  @TempDir Path directory;

  @Test
  void every_word_is_that_of_the_builder() throws Exception {
    Schema expected =
        Schema.builder("power")
            .text("device")
            .from("/src")
            .real("watts")
            .from("/params/switch:0/apower")
            .optional()
            .lenient()
            .timestamp("at")
            .from("/params/ts")
            .epoch(ChronoUnit.MILLIS)
            .zone(ZoneId.of("Europe/Vienna"))
            .json("raw")
            .from("")
            .integer("n")
            .bool("on")
            .receivedAt("received_at")
            .sender("sender")
            .build();
    Schema read =
        read(
            """
            {"name": "power", "fields": [
              {"text": "device", "from": "/src"},
              {"real": "watts", "from": "/params/switch:0/apower", "optional": true, "lenient": true},
              {"timestamp": "at", "from": "/params/ts", "epoch": "MILLIS", "zone": "Europe/Vienna"},
              {"json": "raw", "from": ""},
              {"integer": "n", "optional": false, "lenient": false},
              {"bool": "on"}, {"receivedAt": "received_at"}, {"sender": "sender"}]}
            """);
    assertEquals(expected, read);
  }

  @Test
  void the_order_of_the_words_does_not_matter() throws Exception {
    assertEquals(
        Schema.builder("größe °C").real("t").from("/a~1b").optional().build(),
        read(
            """
            \ufeff{"fields": [{"from": "/a~1b", "optional": true, "real": "t"}], "name": "größe °C"}
            """));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        "{'float':'t'}            | 10 | the field has the words [float]: expected exactly one of "
            + TYPES,
        "{'from':'/a'}            | 9 | the field has the words [from]: expected exactly one of "
            + TYPES,
        "{'real':'t','text':'u'}  | 9 | the field has the words [real, text]: expected exactly one"
            + " of "
            + TYPES,
        "{}                       | 1 | the field has no name: expected one of "
            + TYPES
            + " with its name",
        "{'real':17}              | 9 | the field's name: real is 17: expected text in quotes",
        "{'real':' '}             | 9 | field name is ' ': expected one that is not blank",
        "{'real':'t','unit':'C'}  | 20 | field 't': 'unit' is no word of a field: expected"
            + " [from, optional, lenient, epoch, zone]",
        "{'real':'t','from':'/a','from':'/b'} | 25 | 'from' stands twice: expected each word once",
        "{'real':'t','from':'a'}  | 20 | from of field 't' is 'a', which is no JSON Pointer (RFC"
            + " 6901): expected one that is empty or begins with '/'",
        "{'real':'t','from':''}   | 20 | from(\"\") does not apply to the field 't', which is REAL:"
            + " expected JSON",
        "{'real':'t','from':7}    | 20 | field 't': from is 7: expected text in quotes",
        "{'real':'t','from':{'a':1}} | 20 | field 't': from is an object: expected text in quotes",
        "{'real':'t','optional':'yes'} | 24 | field 't': optional is 'yes': expected true or false,"
            + " without quotes",
        "{'json':'t','lenient':true} | 23 | lenient() does not apply to the field 't', which is"
            + " JSON: expected a field of the record that is not JSON",
        "{'real':'t','lenient':null} | 23 | field 't': lenient is null: expected true or false,"
            + " without quotes",
        "{'timestamp':'t','epoch':'millis'} | 26 | field 't': epoch is 'millis': expected one of"
            + " [SECONDS, MILLIS, MICROS, NANOS]",
        "{'timestamp':'t','epoch':'DAYS'} | 26 | field 't': epoch is 'DAYS': expected one of"
            + " [SECONDS, MILLIS, MICROS, NANOS]",
        "{'timestamp':'t','epoch':1000} | 26 | field 't': epoch is 1000: expected text in quotes",
        "{'real':'t','epoch':'MILLIS'} | 21 | epoch() does not apply to the field 't', which is"
            + " REAL: expected a TIMESTAMP of the record",
        "{'timestamp':'t','zone':'Europe/Wien'} | 25 | field 't': zone is 'Europe/Wien': expected a"
            + " time zone such as Europe/Vienna, UTC or +01:00",
        "{'sender':'t','from':'/a'} | 22 | from() does not apply to the field 't', which is set by"
            + " the server: expected a field of the record",
        "{'real':'t'},{'text':'t'} | 22 | field 't' stands in line 2, too: expected each name once",
        "'real'                   | 1 | found real: expected a field such as {\"real\": \"watts\"}",
        "{'real':'t'},            | 14 | Unexpected character (']' (code 93)): expected a valid"
            + " value (JSON String, Number, Array, Object or token 'null', 'true' or 'false')"
      })
  void what_is_wrong_with_a_field_is_one_line_with_its_place(
      String fields, int column, String message) {
    // Jackson places a value at its first character, and a stray character before it.
    String text = "{\"name\":\"s\",\"fields\":[\n" + fields.replace('\'', '"') + "]}";
    assertEquals("line 2, column " + column + ": " + message, error(text));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        "                 | 1 | 1 | found nothing: expected an object that begins with {\"name\":",
        "[]               | 1 | 1 | found [: expected an object that begins with {\"name\":",
        "{'fields':[{'real':'t'}]} | 1 | 1 | name is missing: expected both words",
        "{'name':'s'}     | 1 | 1 | fields is missing: expected both words",
        "{'name':'s','fields':[]}  | 1 | 9 | schema 's' has 0 fields: expected 1 to 1024",
        "{'name':'s','fields':{}}  | 1 | 22 | found {: expected an array of fields",
        "{'name':' ','fields':[{'real':'t'}]} | 1 | 9 | schema name is ' ': expected one that is not"
            + " blank",
        "{'name':5,'fields':[{'real':'t'}]} | 1 | 9 | the schema: name is 5: expected text in"
            + " quotes",
        "{'name':'s','name':'t'} | 1 | 13 | 'name': expected name and fields, each once",
        "{'table':'s'}    | 1 | 2 | 'table': expected name and fields, each once",
        "{'name':'s','fields':[{'real':'t'}]}{ | 1 | 37 | something follows the schema: expected"
            + " the end",
        "{'name':'s','fields':[{'real':'t' | 1 | 34 | Unexpected end-of-input: expected close"
            + " marker for Object"
      })
  void what_is_wrong_with_the_file_is_one_line_with_its_place(
      String text, int line, int column, String message) {
    String json = text == null ? "" : text.replace('\'', '"');
    assertEquals("line %d, column %d: %s".formatted(line, column, message), error(json));
  }

  @Test
  void a_file_that_cannot_be_read_is_named() throws Exception {
    Path latin1 = Files.writeString(directory.resolve("latin1"), "{\"name\":\"ö\"}", ISO_8859_1);
    assertEquals("the schema file " + latin1 + " is not UTF-8", failure(latin1));
    Path missing = directory.resolve("nosuch");
    assertEquals("the schema file " + missing + " does not exist", failure(missing));
    assertEquals(
        "cannot read the schema file " + directory + ": Is a directory", failure(directory));
  }

  private static String failure(Path file) {
    return assertThrows(IOException.class, () -> SchemaFile.read(file)).getMessage();
  }

  @ParameterizedTest
  @ValueSource(strings = {"{\"name\":\"s\",\"fields\":[", "[", "{\"name\":"})
  void deep_nesting_is_an_error_as_any_other(String start) {
    String text = start + "[".repeat(100_000);
    assertEquals("line 1", error(text).replaceFirst(",.*", ""));
  }

  private String error(String text) {
    String message = assertThrows(IllegalArgumentException.class, () -> read(text)).getMessage();
    String file = directory.resolve("schema.json") + ", ";
    assertEquals(file, message.substring(0, Math.min(file.length(), message.length())));
    assertEquals(1, message.lines().count(), message);
    return message.substring(file.length());
  }

  private Schema read(String text) throws IOException {
    return SchemaFile.read(Files.writeString(directory.resolve("schema.json"), text));
  }
}
