package dev.ingest.jdbc;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.ingest.jdbc.testing.PostgresDatabase;
import dev.ingest.jdbc.testing.PostgresServer;
import dev.ingest.testing.ChildJvm;
import dev.ingest.testing.Network;
import host.PasswordProgram;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** No password is printed, whatever goes wrong and however much is logged. */
class PasswordIT {
  /** A part that no encoding alters stands at both ends of what encodings alter. */
  private static final List<String> MARKS = List.of("zebra7", "okapi9");

  private static final String PASSWORD = "zebra7&/?=%#@:;\"' \\okapi9";

  @TempDir Path directory;

  @Test
  void no_password_is_printed_whatever_goes_wrong() throws Exception {
    try (PostgresDatabase database = PostgresServer.shared().newDatabase()) {
      String role = "secretive_" + database.row("SELECT current_database()");
      database.execute(
          "CREATE ROLE " + role + " LOGIN PASSWORD '" + PASSWORD.replace("'", "''") + "'",
          "GRANT ALL ON SCHEMA public TO " + role);
      try {
        String printed = printed(uris(database, role));
        assertTrue(printed.contains("started"), "none was right\n" + printed);
        assertTrue(printed.contains("HikariPool"), "nothing was logged\n" + printed);
        assertTrue(
            printed.contains("28P01") || printed.contains("password authentication failed"),
            "none was refused\n" + printed);
        for (String mark : MARKS) {
          List<String> shown = printed.lines().filter(line -> line.contains(mark)).toList();
          assertEquals(List.of(), shown);
        }
      } finally {
        database.execute("DROP OWNED BY " + role, "DROP ROLE " + role);
      }
    }
  }

  private List<String> uris(PostgresDatabase database, String role) throws Exception {
    Path file = Files.writeString(directory.resolve("secret"), PASSWORD + "\n");
    String encoded = URLEncoder.encode(PASSWORD, StandardCharsets.UTF_8).replace("+", "%20");
    String url = database.url();
    String down = "jdbc:postgresql://127.0.0.1:" + Network.unusedPort() + "/db";
    String user = "?user=" + role + "&";
    String host = url.substring("jdbc:postgresql://".length());
    List<String> uris = new ArrayList<>();
    uris.add(url + user + "password=" + encoded);
    uris.add(url + user + "password=file:" + file);
    uris.add(url + user + "password=wrong" + encoded);
    uris.add(down + user + "password=" + encoded);
    uris.add(url + "none" + user + "password=" + encoded); // no such database
    uris.add(url + user + "password=" + PASSWORD.replace("%", "%25")); // not encoded: an & in it
    uris.add(url + user + "pasword=" + encoded);
    uris.add(url + user + "Password=" + encoded);
    uris.add(url + user + "sslpassword=" + encoded + "&password=" + encoded);
    uris.add(url + user + "password=" + encoded + "&table=");
    uris.add(url + user + "password=" + encoded + "&lock_timeout=" + encoded);
    uris.add(url + user + "password=" + encoded + "&socketTimeout=x");
    uris.add(url + user + "password=" + encoded + "&sslmode=require");
    uris.add(url + user + "password=" + encoded + "&options=-c%20x=y");
    uris.add(url + user + "password=file:" + directory.resolve("none"));
    uris.add(url + user + "password=env:NONE");
    uris.add("jdbc:postgresql://" + role + ":" + encoded + "@" + host + "?table=t");
    uris.add("jdbc:postgresql://" + role + ":zebra7okapi9@" + host);
    uris.add("jdbc:postgresql:" + role + "/zebra7okapi9@" + host);
    uris.add("jdbc:" + role + ":zebra7okapi9@" + host);
    uris.add(url + ";password=" + encoded);
    uris.add(url + "&password=" + encoded);
    uris.add("jdbc:nosuch:" + host + "?password=" + encoded);
    return uris;
  }

  private String printed(List<String> uris) {
    try (ChildJvm program =
        ChildJvm.in(directory)
            .options("-Dorg.slf4j.simpleLogger.defaultLogLevel=trace")
            .start(PasswordProgram.class)) {
      uris.forEach(program::writeLine);
      program.writeLine("");
      assertEquals(0, program.exitStatus(), "see the program");
      assertFalse(program.out().isEmpty());
      return program.out() + program.err();
    }
  }
}
