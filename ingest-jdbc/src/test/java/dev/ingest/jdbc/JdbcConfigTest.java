package dev.ingest.jdbc;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.ingest.sink.SinkConfig;
import dev.ingest.sink.SinkException;
import java.time.Duration;
import java.util.Optional;
import java.util.Properties;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class JdbcConfigTest {
  private static final String URI = "jdbc:postgresql://host:5433/sensors";

  @Test
  void the_defaults_are_those_of_the_documentation() throws Exception {
    JdbcConfig config = config(URI);
    assertEquals(Optional.empty(), config.table());
    assertEquals(Duration.ofSeconds(20), config.lockTimeout());
    assertEquals(Duration.ofSeconds(60), config.writeTimeout());
    Properties properties = config.driverProperties();
    assertEquals("ingest", properties.getProperty("ApplicationName"));
    assertEquals("10", properties.getProperty("socketTimeout"));
    assertEquals("10", properties.getProperty("connectTimeout"));
    assertEquals("1", properties.getProperty("prepareThreshold"));
    assertEquals("true", properties.getProperty("tcpKeepAlive"));
  }

  @Test
  void the_options_of_the_sink_do_not_go_to_the_driver() throws Exception {
    JdbcConfig config =
        config(URI + "?table=public.t%20t&lock_timeout=5&write_timeout=3000&user=u&ssl=true");
    assertEquals(URI, config.url());
    assertEquals("database " + URI, config.database());
    assertEquals(Optional.of("public.t t"), config.table());
    assertEquals(Duration.ofMillis(5), config.lockTimeout());
    Properties properties = config.driverProperties();
    assertFalse(properties.containsKey("table"));
    assertFalse(properties.containsKey("lock_timeout"));
    assertFalse(properties.containsKey("write_timeout"));
    assertEquals("u", properties.getProperty("user"));
    assertEquals("true", properties.getProperty("ssl"));
    assertTrue(config.setsNetworkTimeout());
  }

  @Test
  void the_uri_outweighs_the_defaults_of_the_driver() throws Exception {
    JdbcConfig config = config(URI + "?socketTimeout=7&ApplicationName=mine&prepareThreshold=0");
    assertFalse(config.setsNetworkTimeout());
    Properties properties = config.driverProperties();
    assertEquals("7", properties.getProperty("socketTimeout"));
    assertEquals("mine", properties.getProperty("ApplicationName"));
    assertEquals("0", properties.getProperty("prepareThreshold"));
  }

  @Test
  void another_driver_gets_its_options_and_no_other() throws SinkException {
    Properties properties = config("jdbc:h2:mem:sensors?user=sa&MODE=Oracle").driverProperties();
    assertEquals(2, properties.size());
    assertEquals("Oracle", properties.getProperty("MODE"));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "jdbc:postgresql://user:hidden@host/db",
        "jdbc:postgresql://host/db?user=u&password=hidden&tabel=t",
        "jdbc:postgresql://host/db?password=hidden&table=",
        "jdbc:postgresql://host/db?password=hidden&table=a.",
        "jdbc:postgresql://host/db?password=hidden&lock_timeout=0",
        "jdbc:postgresql://host/db?password=hidden&write_timeout=soon",
        "jdbc:postgresql://host/db?password=hidden&preferQueryMode=simple",
        "jdbc:h2:mem:x;USER=sa;PASSWORD=hidden",
        "jdbc:sqlite:x.db?password=hidden",
        "jdbc:?password=hidden",
        "jdbc:postgresql?password=hidden",
      })
  void what_makes_no_sense_is_refused_without_the_password(String uri) {
    String message = assertThrows(IllegalArgumentException.class, () -> config(uri)).getMessage();
    assertTrue(message.contains("expected"), message);
    assertFalse(message.contains("hidden"), message);
  }

  @ParameterizedTest
  @CsvSource({
    "jdbc:postgresql://host/db?tabel=t, tabel",
    "jdbc:sqlite:x.db, sqlite:sensors.db",
    "jdbc:postgresql://u@host/db, the option user",
    "jdbc:h2:mem:x;MODE=Oracle, after a question mark",
  })
  void a_refusal_tells_what_is_meant(String uri, String hint) {
    String message = assertThrows(IllegalArgumentException.class, () -> config(uri)).getMessage();
    assertTrue(message.contains(hint), message);
  }

  @Test
  void options_that_hold_no_secrets_are_shown() {
    String shown =
        SinkConfig.parse(
                URI
                    + "?table=t&user=u&sslmode=require&password=hidden1&sslpassword=hidden2"
                    + "&options=hidden3")
            .showing(new JdbcSinkProvider().publicOptions())
            .toString();
    assertTrue(shown.contains("table=t&user=u&sslmode=require"), shown);
    assertFalse(shown.contains("hidden"), shown);
  }

  @Test
  void a_config_does_not_show_its_options() {
    assertFalse(config(URI + "?password=hidden").toString().contains("hidden"));
  }

  private static JdbcConfig config(String uri) {
    return JdbcConfig.of(SinkConfig.parse(uri).showing(new JdbcSinkProvider().publicOptions()));
  }
}
