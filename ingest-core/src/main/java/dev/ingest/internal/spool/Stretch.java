package dev.ingest.internal.spool;

import java.nio.file.Path;

/**
 * Lines of a segment that are to be replayed, the next ones.
 *
 * @param segment the segment's name
 * @param file the segment's file
 * @param line the first line
 * @param offset where it begins, in bytes
 * @param skip so many lines are settled and only to be passed over
 * @param take so many lines after those are to be read
 */
record Stretch(String segment, Path file, int line, long offset, int skip, int take) {}
