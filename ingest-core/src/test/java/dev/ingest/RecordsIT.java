package dev.ingest;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.ingest.annotation.Field;
import dev.ingest.annotation.ReceivedAt;
import dev.ingest.annotation.Sender;
import dev.ingest.record.Schema;
import dev.ingest.sink.RecordConsumer;
import dev.ingest.sink.Sink;
import dev.ingest.sink.SinkException;
import dev.ingest.source.Unix;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.OptionalInt;
import java.util.OptionalLong;
import java.util.concurrent.CopyOnWriteArrayList;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.DisabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Java records in and out, over a real server. */
class RecordsIT {
  @TempDir Path directory;

  enum Unit {
    CELSIUS,
    KELVIN {
      @Override
      public String toString() {
        return "K";
      }
    }
  }

  /** A component of each type, each of which must be there. */
  private record Required(
      long l,
      int i,
      short s,
      byte b,
      double d,
      float f,
      boolean z,
      String text,
      Unit unit,
      Instant at,
      @Field(from = "/nested/0", json = true) String json) {}

  /** A component of each type, each of which may be missing. */
  private record Absent(
      Long l,
      Integer i,
      Short s,
      Byte b,
      Double d,
      Float f,
      Boolean z,
      @Nullable String text,
      @Nullable Unit unit,
      @Nullable Instant at,
      @Field(from = "/nested/0", json = true) @Nullable String json) {}

  /** The same with optionals. */
  private record Optionals(
      OptionalLong l,
      OptionalInt i,
      Optional<Short> s,
      Optional<Byte> b,
      OptionalDouble d,
      Optional<Float> f,
      Optional<Boolean> z,
      Optional<String> text,
      Optional<Unit> unit,
      Optional<Instant> at,
      @Field(from = "/nested/0", json = true) Optional<String> json) {}

  private static final String ALL =
      """
      {"l":-9223372036854775808,"i":-2147483648,"s":-32768,"b":-128,"d":-0.0,"f":3.4028235e38,\
      "z":true,"text":"ä\\"\\n","unit":"KELVIN","at":"1677-09-21T00:12:43.145224192Z",\
      "nested":[{"a":[1, null]}]}""";

  private static final Instant FIRST = Instant.ofEpochSecond(0, Long.MIN_VALUE);
  private static final String JSON = "{\"a\":[1, null]}";

  @Test
  void every_type_goes_in_and_out() throws Exception {
    Required all =
        new Required(
            Long.MIN_VALUE,
            Integer.MIN_VALUE,
            Short.MIN_VALUE,
            Byte.MIN_VALUE,
            -0.0,
            Float.MAX_VALUE,
            true,
            "ä\"\n",
            Unit.KELVIN,
            FIRST,
            JSON);
    assertEquals(List.of(all), handedOver(Required.class, ALL));
    Required greatest =
        new Required(
            Long.MAX_VALUE,
            Integer.MAX_VALUE,
            Short.MAX_VALUE,
            Byte.MAX_VALUE,
            Double.MAX_VALUE,
            0.1f,
            false,
            "",
            Unit.CELSIUS,
            Instant.ofEpochSecond(1, 500_000_000),
            "0");
    assertEquals(
        List.of(greatest),
        handedOver(
            Required.class,
            """
            {"l":9223372036854775807,"i":2147483647,"s":32767,"b":127,"d":1.7976931348623157e308,\
            "f":0.1,"z":false,"text":"","unit":"CELSIUS","at":1.5,"nested":[0]}"""));
  }

  @Test
  void every_type_may_be_absent() throws Exception {
    assertEquals(
        List.of(
            new Absent(
                Long.MIN_VALUE,
                Integer.MIN_VALUE,
                Short.MIN_VALUE,
                Byte.MIN_VALUE,
                -0.0,
                Float.MAX_VALUE,
                true,
                "ä\"\n",
                Unit.KELVIN,
                FIRST,
                JSON),
            new Absent(null, null, null, null, null, null, null, null, null, null, null)),
        handedOver(Absent.class, "[" + ALL + ",{}]"));
    assertEquals(
        List.of(
            new Optionals(
                OptionalLong.of(Long.MIN_VALUE),
                OptionalInt.of(Integer.MIN_VALUE),
                Optional.of(Short.MIN_VALUE),
                Optional.of(Byte.MIN_VALUE),
                OptionalDouble.of(-0.0),
                Optional.of(Float.MAX_VALUE),
                Optional.of(true),
                Optional.of("ä\"\n"),
                Optional.of(Unit.KELVIN),
                Optional.of(FIRST),
                Optional.of(JSON)),
            new Optionals(
                OptionalLong.empty(),
                OptionalInt.empty(),
                Optional.empty(),
                Optional.empty(),
                OptionalDouble.empty(),
                Optional.empty(),
                Optional.empty(),
                Optional.empty(),
                Optional.empty(),
                Optional.empty(),
                Optional.empty())),
        handedOver(Optionals.class, "[" + ALL + ",{\"l\":null}]"));
  }

  private record Modified(
      @Field(name = "sensor_id", lenient = true) int sensorId,
      @Field(from = "/params/ts", epoch = ChronoUnit.MILLIS) Instant at,
      @Field(name = "local", zone = "Europe/Berlin") Instant localTime,
      @Field(from = "", json = true) String raw) {}

  @Test
  void the_annotation_says_where_a_value_is_and_how_it_is_read() throws Exception {
    String json = "{\"sensor_id\":\"17\",\"params\":{\"ts\":1500},\"local\":\"2025-07-05T13:00\"}";
    assertEquals(
        List.of(
            new Modified(
                17, Instant.ofEpochMilli(1500), Instant.parse("2025-07-05T11:00:00Z"), json)),
        handedOver(Modified.class, json));
  }

  private record Arrival(
      long id,
      @Sender InetSocketAddress by,
      @Sender Optional<InetSocketAddress> maybe,
      @Field(name = "sender") @Sender String text,
      @ReceivedAt Instant at) {}

  @Test
  void the_server_sets_who_sent_a_record_and_when_it_arrived() throws Exception {
    List<Arrival> stored = new CopyOnWriteArrayList<>();
    Instant before = Instant.now();
    try (IngestServer server = start(Arrival.class, stored::addAll);
        dev.ingest.Sender sender = new dev.ingest.Sender(server)) {
      sender.send("{\"id\":1,\"by\":\"me\",\"at\":7}");
      Ledgers.await(server, stats -> stats.records().persisted() == 1);
      Arrival arrival = stored.get(0);
      InetSocketAddress address = sender.localAddress();
      assertEquals(
          new Arrival(
              1, address, Optional.of(address), "127.0.0.1:" + address.getPort(), arrival.at),
          arrival);
      assertTrue(
          !arrival.at.isBefore(before.truncatedTo(ChronoUnit.MILLIS))
              && !arrival.at.isAfter(Instant.now()),
          arrival::toString);
    }
  }

  private record FromAnywhere(
      long id,
      @Sender Optional<InetSocketAddress> by,
      @Sender @Nullable InetSocketAddress orNull) {}

  private record FromNetwork(long id, @Sender InetSocketAddress by) {}

  @Test
  @DisabledOnOs(value = OS.WINDOWS, disabledReason = "the other tests of Unix sockets are, too")
  void what_comes_over_a_unix_socket_has_no_address() throws Exception {
    Path path = directory.resolve("in.sock");
    List<Record> stored = new CopyOnWriteArrayList<>();
    try (IngestServer server =
            builder(FromAnywhere.class, stored::addAll).source(Unix.at(path)).build().start();
        Client client = new Client(server)) {
      client.send("{\"id\":1}\n");
      Ledgers.await(server, stats -> stats.records().persisted() == 1);
    }
    assertEquals(List.of(new FromAnywhere(1, Optional.empty(), null)), stored);
    Path letters = directory.resolve("letters");
    try (IngestServer server =
            builder(FromNetwork.class, stored::addAll)
                .source(Unix.at(path))
                .deadLetters(letters)
                .build()
                .start();
        Client client = new Client(server)) {
      client.send("{\"id\":2}\n");
      Ledgers.await(server, stats -> stats.records().deadLettered() == 1);
    }
    assertEquals(1, stored.size());
    String letter = Files.readString(letters);
    assertTrue(letter.contains("needs a String, or an Optional<InetSocketAddress>"), letter);
  }

  record Narrow(
      Optional<Integer> i,
      Optional<Short> s,
      Optional<Byte> b,
      Optional<Float> f,
      Optional<Unit> unit,
      OptionalLong even) {
    Narrow {
      if (even.isPresent() && even.getAsLong() % 2 != 0) {
        throw new IllegalArgumentException("odd");
      }
    }
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "{'i':2147483648} | 'i' of record dev.ingest.RecordsIT$Narrow is of the type int, and the"
            + " value is 2147483648: expected -2147483648 to 2147483647",
        "{'i':-2147483649} | the value is -2147483649: expected -2147483648",
        "{'s':32768} | type short, and the value is 32768: expected -32768 to 32767",
        "{'s':-32769} | the value is -32769",
        "{'b':128} | type byte, and the value is 128: expected -128 to 127",
        "{'b':-129} | the value is -129",
        "{'f':3.4028236e38} | type float, and the value is 3.4028236E38: expected at most 3.4028235E38",
        "{'f':-1e300} | the value is -1.0E300",
        "{'unit':'celsius'} | type Unit, and the value is 'celsius': expected one of [CELSIUS, KELVIN]",
        "{'even':3} | RecordsIT$Narrow refused the values: java.lang.IllegalArgumentException: odd"
      },
      quoteCharacter = '~')
  void s7_a_value_that_does_not_fit_is_refused_alone(String record, String reason)
      throws Exception {
    Path letters = directory.resolve("letters");
    List<Narrow> stored = new CopyOnWriteArrayList<>();
    try (IngestServer server =
            builder(Narrow.class, stored::addAll).deadLetters(letters).build().start();
        dev.ingest.Sender sender = new dev.ingest.Sender(server)) {
      sender.send(
          "[{\"even\":0},{\"even\":2},%s,{\"even\":4}]".formatted(record.replace('\'', '"')));
      Ledgers.await(
          server, stats -> stats.records().queued() == 0 && stats.records().decoded() == 4);
      assertEquals(1, server.stats().records().deadLettered());
    }
    assertEquals(List.of(0L, 2L, 4L), stored.stream().map(r -> r.even.getAsLong()).toList());
    String letter = Files.readString(letters);
    assertTrue(letter.contains(reason), letter);
    assertTrue(letter.contains(record.replace("'", "\\\"")), letter);
  }

  private record Event(long id) {}

  @Test
  void s4_to_s7_what_the_consumer_throws_decides_what_becomes_of_the_records() throws Exception {
    List<List<Event>> calls = new CopyOnWriteArrayList<>();
    List<Event> stored = new CopyOnWriteArrayList<>();
    RecordConsumer<Event> consumer =
        events -> {
          calls.add(events);
          if (calls.size() < 3) {
            throw new IOException("down");
          }
          if (events.contains(new Event(2))) {
            throw SinkException.permanent("not this one");
          }
          stored.addAll(events);
        };
    try (IngestServer server = start(Event.class, consumer);
        dev.ingest.Sender sender = new dev.ingest.Sender(server)) {
      sender.send(Events.array(0, 4));
      Ledgers.await(
          server, stats -> stats.records().persisted() == 3 && stats.records().dropped() == 1);
    }
    assertEquals(List.of(new Event(0), new Event(1), new Event(3)), stored);
    assertEquals(4, calls.get(0).size());
    assertEquals(calls.get(0), calls.get(1));
    assertNotSame(calls.get(0), calls.get(1));
  }

  @Test
  void s3_lists_may_be_kept() throws Exception {
    List<List<Event>> kept = new CopyOnWriteArrayList<>();
    try (IngestServer server = start(Event.class, kept::add);
        dev.ingest.Sender sender = new dev.ingest.Sender(server)) {
      sender.flood(server, 0, 2_000);
      Ledgers.await(server, stats -> stats.records().persisted() == 2_000);
    }
    assertEquals(Events.ids(0, 2_000), kept.stream().flatMap(List::stream).map(Event::id).toList());
  }

  private record Reading(double temperature, Optional<String> room) {}

  @Test
  void a_schema_that_was_built_may_have_more_fields_in_another_order() throws Exception {
    Schema schema =
        Schema.builder("t").text("room").integer("other").optional().real("temperature").build();
    List<Reading> stored = new CopyOnWriteArrayList<>();
    try (IngestServer server =
            builder(Reading.class, stored::addAll).schema(schema).build().start();
        dev.ingest.Sender sender = new dev.ingest.Sender(server)) {
      sender.send("{\"temperature\":21.4,\"room\":\"cellar\"}");
      Ledgers.await(server, stats -> stats.records().persisted() == 1);
    }
    assertEquals(List.of(new Reading(21.4, Optional.of("cellar"))), stored);
  }

  @Test
  void s1_a_schema_that_does_not_fit_fails_the_start() {
    Schema.Builder absent = Schema.builder("t").real("temperature");
    Schema.Builder otherType = Schema.builder("t").integer("temperature").text("room");
    Schema.Builder optional = Schema.builder("t").real("temperature").optional().text("room");
    Schema.Builder server = Schema.builder("t").real("temperature").sender("room");
    assertStartFails(absent, "'room TEXT optional', and the schema 't' has no field of that name");
    assertStartFails(otherType, "'temperature REAL', and the schema 't' has 'temperature INTEGER'");
    assertStartFails(optional, "the schema 't' has 'temperature REAL optional' there");
    assertStartFails(server, "'room TEXT optional', and the schema 't' has 'room SENDER' there");
  }

  private static void assertStartFails(Schema.Builder schema, String reason) {
    IngestServer server =
        TestServers.builder(Sink.ofRecords(Reading.class, readings -> {}))
            .schema(schema.build())
            .build();
    String message = assertThrows(SinkException.class, server::start).getMessage();
    assertTrue(message.contains(reason), message);
    assertTrue(message.endsWith("expected the fields of Schema.of(Reading.class)"), message);
  }

  private static <R extends Record> IngestServerBuilder builder(
      Class<R> type, RecordConsumer<R> consumer) {
    return TestServers.builder(Sink.ofRecords(type, consumer)).schema(Schema.of(type));
  }

  private static <R extends Record> IngestServer start(Class<R> type, RecordConsumer<R> consumer)
      throws Exception {
    return builder(type, consumer).build().start();
  }

  /** Sends one datagram; returns the records that the sink was handed. */
  private static <R extends Record> List<R> handedOver(Class<R> type, String datagram)
      throws Exception {
    List<R> stored = new CopyOnWriteArrayList<>();
    try (IngestServer server = start(type, stored::addAll);
        dev.ingest.Sender sender = new dev.ingest.Sender(server)) {
      sender.send(datagram);
      Ledgers.await(
          server, stats -> stats.messages().received() == 1 && stats.records().queued() == 0);
      assertEquals(0, server.stats().messages().rejected(), datagram);
    }
    return new ArrayList<>(stored);
  }
}
