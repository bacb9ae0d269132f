package dev.ingest.jdbc.testing;

import java.nio.file.Path;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import org.postgresql.ds.PGSimpleDataSource;

/** A database of a server, to be looked at and changed past the sink. */
public final class PostgresDatabase implements AutoCloseable {
  private final String address;
  private final String name;
  private final String user;
  private final String password;
  private final Path passwordFile;

  PostgresDatabase(String address, String name, String user, String password, Path passwordFile) {
    this.address = address;
    this.name = name;
    this.user = user;
    this.password = password;
    this.passwordFile = passwordFile;
  }

  PostgresDatabase create(String database) throws SQLException {
    execute("CREATE DATABASE " + database);
    return at(address, database);
  }

  private PostgresDatabase at(String otherAddress, String database) {
    return new PostgresDatabase(otherAddress, database, user, password, passwordFile);
  }

  /**
   * Returns the same database as it is reached through a proxy.
   *
   * @param port where the proxy listens on this machine
   */
  public PostgresDatabase through(int port) {
    return at("127.0.0.1:" + port, name);
  }

  /** Returns the port of the server, or of the proxy. */
  public int port() {
    return Integer.parseInt(address.substring(address.indexOf(':') + 1));
  }

  /** Returns the URL for a driver, which holds neither user nor password. */
  public String url() {
    return "jdbc:postgresql://" + address + "/" + name;
  }

  /** Returns the user. */
  public String user() {
    return user;
  }

  /** Returns the user's password. */
  public String password() {
    return password;
  }

  /** Returns the file that holds the password. */
  public Path passwordFile() {
    return passwordFile;
  }

  /**
   * Returns the URI of a sink. It holds no password, but names the file that does.
   *
   * @param options further ones, each {@code name=value}
   */
  public String sinkUri(String table, String... options) {
    StringBuilder uri =
        new StringBuilder(url())
            .append("?table=")
            .append(table)
            .append("&user=")
            .append(user)
            .append("&password=file:")
            .append(passwordFile);
    for (String option : options) {
      uri.append('&').append(option);
    }
    return uri.toString();
  }

  /** Returns a source of connections that pools nothing. */
  public PGSimpleDataSource dataSource() {
    PGSimpleDataSource source = new PGSimpleDataSource();
    source.setUrl(url());
    source.setUser(user);
    source.setPassword(password);
    source.setApplicationName("looking on");
    return source;
  }

  /** Opens a connection, in auto-commit. */
  public Connection connect() throws SQLException {
    return dataSource().getConnection();
  }

  /** Executes statements on a connection of their own, each in a transaction of its own. */
  public void execute(String... statements) throws SQLException {
    try (Connection connection = connect();
        Statement statement = connection.createStatement()) {
      for (String sql : statements) {
        statement.execute(sql);
      }
    }
  }

  /** Returns the rows of a query, with a bar between the values. */
  public List<String> rows(String sql) throws SQLException {
    try (Connection connection = connect();
        Statement statement = connection.createStatement();
        ResultSet result = statement.executeQuery(sql)) {
      List<String> rows = new ArrayList<>();
      int columns = result.getMetaData().getColumnCount();
      while (result.next()) {
        List<String> values = new ArrayList<>();
        for (int column = 1; column <= columns; column++) {
          values.add(result.getString(column));
        }
        rows.add(String.join("|", values));
      }
      return rows;
    }
  }

  /** Returns the row of a query that has one. */
  public String row(String sql) throws SQLException {
    List<String> rows = rows(sql);
    if (rows.size() != 1) {
      throw new AssertionError(sql + " has the rows " + rows);
    }
    return rows.get(0);
  }

  /**
   * Returns the processes of the server that serve connections to this database, but for those of
   * this class.
   *
   * @param condition on columns of pg_stat_activity
   */
  public List<Long> backends(String condition) throws SQLException {
    return rows(
            "SELECT pid FROM pg_stat_activity WHERE datname = current_database() AND"
                + " application_name <> 'looking on' AND ("
                + condition
                + ")")
        .stream()
        .map(Long::valueOf)
        .toList();
  }

  /** Removes the database, whoever is connected to it. */
  @Override
  public void close() throws SQLException {
    if (!name.equals(PostgresServer.DATABASE)) {
      at(address, PostgresServer.DATABASE).execute("DROP DATABASE " + name + " WITH (FORCE)");
    }
  }
}
