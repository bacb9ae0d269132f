/**
 * A sink that stores records in PostgreSQL, or in another database through JDBC.
 *
 * @provides dev.ingest.sink.SinkProvider the scheme {@code jdbc}
 */
@SuppressWarnings("requires-automatic") // pgjdbc has no descriptor, but a fixed name
module dev.ingest.jdbc {
  requires transitive dev.ingest.core;
  requires transitive java.sql;
  requires com.zaxxer.hikari;
  requires org.postgresql.jdbc;
  requires static org.checkerframework.checker.qual;
  requires static org.jspecify;

  exports dev.ingest.jdbc;

  provides dev.ingest.sink.SinkProvider with
      dev.ingest.jdbc.JdbcSinkProvider;
}
