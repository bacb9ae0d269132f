package dev.ingest.jdbc.testing;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.ingest.testing.Network;
import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Assumptions;

/**
 * A real PostgreSQL server on the loopback interface, which can be stopped, killed, frozen and
 * restarted.
 *
 * <pre>{@code
 * try (PostgresServer server = PostgresServer.start("fsync=on")) {
 *   String uri = server.database().sinkUri("sensors");
 *   server.stopImmediately();
 *   server.restart();
 * }
 * }</pre>
 *
 * <p>It ends with this JVM, however that ends: a shell that started the server waits for the end of
 * its standard input. {@code -Dpg.url}, {@code -Dpg.user} and {@code -Dpg.password} name a server
 * that runs already: the tests that would stop or freeze theirs are then skipped.
 */
public final class PostgresServer implements AutoCloseable {
  /** The superuser. */
  public static final String USER = "ingest";

  /** His password. It holds what has a meaning in URIs. */
  public static final String PASSWORD = "never/to?be&shown=";

  /** The name of the database that is there from the start. */
  static final String DATABASE = "postgres";

  private static final long AWAIT_SECONDS = 120;
  private static final long POLL_MILLIS = 5;

  /** Ends the server as it is told to, or immediately once standard input ends. */
  private static final String GUARD =
      """
      trap '' HUP INT TERM
      folder=$1; shift
      "$@" > "$folder/log" 2>&1 < /dev/null &
      server=$!
      read -r signal action || { signal=QUIT; action=remove; }
      kill -s "$signal" "$server"
      kill -s CONT "$server"
      wait "$server"
      [ "$action" = keep ] || rm -rf "$folder"
      """;

  private static @Nullable PostgresServer shared;

  private final @Nullable PostgresPrograms programs;
  private final Path folder;
  private final List<String> settings;
  private final PostgresDatabase database;
  private final AtomicInteger databases = new AtomicInteger();
  private @Nullable Process guard;

  private PostgresServer(PostgresPrograms programs, Path folder, int port, String... settings)
      throws IOException {
    this.programs = programs;
    this.folder = folder;
    this.settings =
        Stream.concat(
                Stream.of(
                    "port=" + port,
                    "listen_addresses=127.0.0.1",
                    "unix_socket_directories=",
                    "shared_buffers=64MB",
                    "fsync=off"),
                Stream.of(settings))
            .toList();
    Path password = folder.resolve("secret");
    Files.writeString(password, PASSWORD + "\n");
    this.database = new PostgresDatabase("127.0.0.1:" + port, DATABASE, USER, PASSWORD, password);
  }

  private PostgresServer(String url) throws IOException {
    this.programs = null;
    this.folder = Files.createTempDirectory(PostgresPrograms.FOLDER, "external");
    this.settings = List.of();
    Path secret = folder.resolve("secret");
    String password = System.getProperty("pg.password", "");
    Files.writeString(secret, password + "\n");
    String[] parts = url.replaceFirst("^jdbc:postgresql://", "").split("/", 2);
    this.database =
        new PostgresDatabase(
            parts[0], parts[1], System.getProperty("pg.user", USER), password, secret);
  }

  /**
   * Returns the server that the tests of this JVM share, each with a database of its own: {@link
   * #newDatabase}. It writes nothing through to the disk. Not to be closed.
   */
  public static synchronized PostgresServer shared() throws Exception {
    if (shared == null) {
      Files.createDirectories(PostgresPrograms.FOLDER);
      String url = System.getProperty("pg.url");
      shared = url == null ? start() : new PostgresServer(url);
    }
    return shared;
  }

  /**
   * Starts a server with a new database cluster. Aborts the test where there is no PostgreSQL.
   *
   * @param settings as in postgresql.conf, each {@code name=value}; fsync is off unless set. What
   *     survives the server's death needs none; what survives the machine's needs {@code fsync=on}
   */
  public static PostgresServer start(String... settings) throws Exception {
    Assumptions.assumeTrue(
        System.getProperty("pg.url") == null, "-Dpg.url is a server that tests may not control");
    PostgresPrograms programs = PostgresPrograms.find();
    Path template = programs.template(USER, PASSWORD);
    Path folder = Files.createTempDirectory(PostgresPrograms.FOLDER, "server");
    PostgresPrograms.run(
        List.of("cp", "-a", template.resolve("data").toString(), folder.toString()));
    PostgresServer server = new PostgresServer(programs, folder, Network.unusedPort(), settings);
    PostgresPrograms.own(folder);
    server.restart();
    return server;
  }

  /** Starts the server again, on the same port, with what is stored. */
  public void restart() throws IOException, InterruptedException {
    List<String> command = new ArrayList<>(List.of("sh", "-c", GUARD, "sh", folder.toString()));
    List<String> arguments = new ArrayList<>(List.of("-D", data().toString()));
    settings.forEach(setting -> arguments.addAll(List.of("-c", setting)));
    command.addAll(controlled().command("postgres", arguments));
    // What it would say of an earlier one.
    Files.deleteIfExists(data().resolve("postmaster.pid"));
    Process started = new ProcessBuilder(command).start();
    guard = started;
    long start = System.nanoTime();
    while (!isReady()) {
      long waited = TimeUnit.NANOSECONDS.toSeconds(System.nanoTime() - start);
      if (waited > AWAIT_SECONDS
          || (waited > 1 && started.toHandle().children().noneMatch(PostgresServer::runs))) {
        throw new IOException("the server does not start:\n" + log());
      }
      Thread.sleep(POLL_MILLIS);
    }
  }

  /** One that has ended has no command, but is there until its parent looks, or init does. */
  private static boolean runs(ProcessHandle process) {
    return process.info().command().isPresent();
  }

  /** The last of its lines that the server writes, see pg_ctl's wait_for_postmaster_start. */
  private boolean isReady() throws IOException {
    Path status = data().resolve("postmaster.pid");
    return Files.exists(status) && Files.readString(status).strip().endsWith("ready");
  }

  private Path data() {
    return folder.resolve("data");
  }

  private PostgresPrograms controlled() {
    return programs != null
        ? programs
        : Assumptions.abort("-Dpg.url is a server that tests may not control");
  }

  /** Returns what the server has logged since its last start. */
  public String log() throws IOException {
    controlled();
    return Files.readString(folder.resolve("log"));
  }

  /** Returns the database that is there from the start. */
  public PostgresDatabase database() {
    return database;
  }

  /** Makes a database, which is removed by its close. */
  public PostgresDatabase newDatabase() throws SQLException {
    return database.create(
        "test_" + ProcessHandle.current().pid() + "_" + databases.incrementAndGet());
  }

  /** Returns the process that starts all others of the server. */
  public long pid() {
    controlled();
    return guard().children().findFirst().orElseThrow().pid();
  }

  private ProcessHandle guard() {
    return Objects.requireNonNull(guard, "the server is stopped").toHandle();
  }

  /** Ends the server in an orderly way, within the transactions that are open. */
  public void stop() throws IOException, InterruptedException {
    end("INT keep");
  }

  /** Ends the server as {@code pg_ctl stop -m immediate} does: it recovers at the next start. */
  public void stopImmediately() throws IOException, InterruptedException {
    end("QUIT keep");
  }

  /** Kills all processes of the server by SIGKILL. */
  public void kill() throws IOException, InterruptedException {
    List<ProcessHandle> processes = processes();
    processes.forEach(ProcessHandle::destroyForcibly);
    end("KILL keep");
    while (processes.stream().anyMatch(PostgresServer::runs)) {
      Thread.sleep(POLL_MILLIS);
    }
  }

  /** Freezes all processes of the server by SIGSTOP. */
  public void freeze() {
    processes().forEach(process -> signal("STOP", process.pid()));
  }

  /** Lets all processes of the server go on. */
  public void thaw() {
    processes().forEach(process -> signal("CONT", process.pid()));
  }

  /** The server's first process comes first, so that it starts no other meanwhile. */
  private List<ProcessHandle> processes() {
    controlled();
    ProcessHandle first = ProcessHandle.of(pid()).orElseThrow();
    return Stream.concat(Stream.of(first), first.descendants()).toList();
  }

  /** Sends a signal to a process of the server; one that has ended gets none. */
  public void signal(String name, long pid) {
    controlled();
    try {
      new ProcessBuilder("kill", "-s", name, Long.toString(pid)).start().waitFor();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } catch (InterruptedException e) {
      throw new AssertionError(e);
    }
  }

  private void end(String order) throws IOException, InterruptedException {
    controlled();
    Process process = Objects.requireNonNull(guard, "the server is stopped");
    process.descendants().forEach(one -> signal("CONT", one.pid()));
    try (OutputStream in = process.getOutputStream()) {
      in.write((order + "\n").getBytes(UTF_8));
    }
    if (!process.waitFor(AWAIT_SECONDS, TimeUnit.SECONDS)) {
      throw new IOException("the server does not end:\n" + log());
    }
    guard = null;
  }

  /** Ends the server and removes what it has stored. */
  @Override
  public void close() throws IOException {
    try {
      if (guard == null) {
        PostgresPrograms.run(List.of("rm", "-rf", folder.toString()));
      } else {
        end("QUIT remove");
      }
    } catch (InterruptedException e) {
      throw new AssertionError("interrupted while the server ends", e);
    }
  }

  /**
   * Starts a server, prints the URI of a sink in it, and ends it when standard input ends.
   *
   * @param args the table, and settings as for {@link #start}
   */
  public static void main(String[] args) throws Exception {
    String[] settings = Stream.of(args).skip(1).toArray(String[]::new);
    try (PostgresServer server = start(settings)) {
      System.out.println(server.database().sinkUri(args[0]));
      while (System.in.read() >= 0) {
        // What comes does not matter.
      }
    }
  }
}
