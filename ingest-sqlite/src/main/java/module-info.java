/**
 * A sink that stores records in a SQLite database.
 *
 * @provides dev.ingest.sink.SinkProvider the scheme {@code sqlite}
 */
module dev.ingest.sqlite {
  requires transitive dev.ingest.core;
  requires java.sql;
  requires org.xerial.sqlitejdbc;
  requires static org.jspecify;

  exports dev.ingest.sqlite;

  provides dev.ingest.sink.SinkProvider with
      dev.ingest.sqlite.SqliteSinkProvider;
}
