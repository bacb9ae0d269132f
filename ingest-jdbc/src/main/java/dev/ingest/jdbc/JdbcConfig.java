package dev.ingest.jdbc;

import dev.ingest.sink.SinkConfig;
import dev.ingest.sink.SinkException;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.DriverPropertyInfo;
import java.sql.SQLException;
import java.time.Duration;
import java.util.Arrays;
import java.util.HashMap;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Properties;
import java.util.Set;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.postgresql.PGProperty;

/**
 * What the sink is to do: a checked URI, or the defaults for a pool of the host's.
 *
 * @param database as messages name it, without secrets
 * @param url for the driver; holds no options
 * @param table as in the URI; empty for the schema's name
 * @param lockTimeout how long a statement waits for a lock, where the database can be told
 * @param writeTimeout how long anything may take on a connection
 * @param driverOptions as in the URI: secrets are still named by their file or variable
 */
record JdbcConfig(
    String database,
    String url,
    Optional<String> table,
    Duration lockTimeout,
    Duration writeTimeout,
    Map<String, String> driverOptions) {

  private static final Set<String> OPTIONS = Set.of("table", "lock_timeout", "write_timeout");
  private static final int DEFAULT_LOCK_TIMEOUT_MILLIS = 20_000;
  private static final int DEFAULT_WRITE_TIMEOUT_MILLIS = 60_000;
  private static final int MAX_TIMEOUT_MILLIS = 3_600_000;
  private static final String POSTGRESQL = "jdbc:postgresql:";
  private static final Pattern PATH = Pattern.compile("[a-z][a-z0-9_+.-]*:.+", Pattern.DOTALL);

  /** What may begin parameters, as it is or percent-encoded: drivers log a path with all of it. */
  private static final Pattern PARAMETERS =
      Pattern.compile("[;&=#]|%(?:3B|26|3D|23|3F)", Pattern.CASE_INSENSITIVE);

  /**
   * The driver's options that may hold a secret, or be anything. By name, since a host may have
   * another version of the driver, without the constants of some.
   */
  private static final Set<String> HIDDEN =
      Set.of(
          "password",
          "sslpassword",
          "options",
          "sslfactoryarg",
          "socketFactoryArg",
          "connectExecutorArg");

  static final Set<String> PUBLIC_OPTIONS =
      Stream.concat(
              OPTIONS.stream(),
              Arrays.stream(PGProperty.values())
                  .map(PGProperty::getName)
                  .filter(option -> !HIDDEN.contains(option)))
          .collect(Collectors.toUnmodifiableSet());

  static JdbcConfig of(SinkConfig uri) {
    String url = url(uri);
    Map<String, String> driverOptions = new HashMap<>(uri.options());
    driverOptions.keySet().removeAll(OPTIONS);
    if (url.startsWith(POSTGRESQL)) {
      checkDriverOptions(uri, driverOptions);
    } else {
      checkOptionsOfOther(uri, url);
    }
    Optional<String> table = uri.text("table");
    table.ifPresent(TableName::parse);
    return new JdbcConfig(
        database(url),
        url,
        table,
        millis(uri, "lock_timeout", DEFAULT_LOCK_TIMEOUT_MILLIS),
        millis(uri, "write_timeout", DEFAULT_WRITE_TIMEOUT_MILLIS),
        Map.copyOf(driverOptions));
  }

  /** Returns the defaults for a pool of the host's, whose database is not known yet. */
  static JdbcConfig ofSharedPool() {
    return new JdbcConfig(
        "database of the host's DataSource",
        "",
        Optional.empty(),
        Duration.ofMillis(DEFAULT_LOCK_TIMEOUT_MILLIS),
        Duration.ofMillis(DEFAULT_WRITE_TIMEOUT_MILLIS),
        Map.of());
  }

  private static String url(SinkConfig uri) {
    String path = uri.path();
    if (!PATH.matcher(path).matches()) {
      throw refusal(uri, "names no database", "jdbc:postgresql://HOST:PORT/DATABASE?user=USER");
    }
    if (path.startsWith("sqlite:")) {
      throw refusal(uri, "names a SQLite database", "the scheme sqlite, as in sqlite:sensors.db");
    }
    if (path.indexOf('@') >= 0) {
      throw refusal(
          uri,
          "has a user before its host, or an @ in its name",
          "the user in the option user, the password in the option password, and %40 for an @");
    }
    if (PARAMETERS.matcher(path).find()) {
      throw refusal(
          uri, "has what separates options in its path", "all options after a question mark");
    }
    return "jdbc:" + path;
  }

  private static void checkDriverOptions(SinkConfig uri, Map<String, String> options) {
    for (String name : options.keySet()) {
      if (PGProperty.forName(name) == null) {
        uri.requireKnownOptions(
            Stream.concat(
                    OPTIONS.stream(), Arrays.stream(PGProperty.values()).map(PGProperty::getName))
                .collect(Collectors.toUnmodifiableSet()));
      }
    }
    if (options.getOrDefault("preferQueryMode", "extended").equals("simple")) {
      throw refusal(
          uri,
          "has the option preferQueryMode=simple, in which no values can be sent in binary form",
          "extended or none");
    }
  }

  /** Refuses an option that the driver does not list, if it lists any: H2's lists none. */
  private static void checkOptionsOfOther(SinkConfig uri, String url) {
    DriverPropertyInfo[] listed;
    try {
      listed = DriverManager.getDriver(url).getPropertyInfo(url, new Properties());
    } catch (SQLException e) {
      return; // open() reports that there is no driver
    }
    if (listed != null && listed.length > 0) {
      Stream<String> names = Arrays.stream(listed).map(property -> property.name);
      uri.requireKnownOptions(
          Stream.of(OPTIONS.stream(), Stream.of("user", "password"), names)
              .flatMap(known -> known)
              .collect(Collectors.toUnmodifiableSet()));
    }
  }

  private static Duration millis(SinkConfig uri, String name, int otherwise) {
    return Duration.ofMillis(uri.integer(name, otherwise, 1, MAX_TIMEOUT_MILLIS, "milliseconds"));
  }

  private static IllegalArgumentException refusal(SinkConfig uri, String fault, String expected) {
    return new IllegalArgumentException(
        "sink URI '" + uri + "' " + fault + ": expected " + expected);
  }

  /** Returns a copy with a table. */
  JdbcConfig withTable(String name) {
    return new JdbcConfig(
        database, url, Optional.of(name), lockTimeout, writeTimeout, driverOptions);
  }

  /** Returns a copy that names the database of a connection, for a pool of the host's. */
  JdbcConfig ofDatabase(Connection connection) throws SQLException {
    String found = connection.getMetaData().getURL();
    return url.isEmpty() && found != null && found.startsWith("jdbc:")
        ? new JdbcConfig(database(found), url, table, lockTimeout, writeTimeout, driverOptions)
        : this;
  }

  /** Drivers keep the password in the URL that a connection tells, if it was given there. */
  private static String database(String url) {
    int question = url.indexOf('?');
    return "database " + SinkConfig.parse(question < 0 ? url : url.substring(0, question));
  }

  /** Tells whether the URI leaves it to the sink how long the driver waits for an answer. */
  boolean setsNetworkTimeout() {
    return isPostgres() && !driverOptions.containsKey("socketTimeout");
  }

  boolean isPostgres() {
    return url.startsWith(POSTGRESQL);
  }

  /**
   * Returns what the driver is given: the options, with the secrets, and the defaults of this sink.
   *
   * @throws SinkException if a secret is not there
   */
  Properties driverProperties() throws SinkException {
    Properties properties = new Properties();
    if (isPostgres()) {
      properties.putAll(
          Map.of(
              "ApplicationName", "ingest",
              "cancelSignalTimeout", "2",
              "connectTimeout", "10",
              "loginTimeout", "10",
              "prepareThreshold", "1",
              "socketTimeout", "10", // until there is a connection
              "tcpKeepAlive", "true"));
    }
    for (Map.Entry<String, String> option : driverOptions.entrySet()) {
      boolean secret = option.getKey().toLowerCase(Locale.ROOT).endsWith("password");
      properties.setProperty(
          option.getKey(),
          secret ? Secret.read(database, option.getKey(), option.getValue()) : option.getValue());
    }
    return properties;
  }

  /** Returns the database: the options may hold a password. */
  @Override
  public String toString() {
    return database;
  }
}
