module author {
  requires transitive dev.ingest.core;

  exports author;
}
