package dev.ingest.bench;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.SeekableByteChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;

/**
 * Reads the file to which a program writes a line for each record meanwhile: the values in the
 * order of the table's columns, separated by commas.
 */
final class LineRecords implements StoredRecords {
  private final Path file;
  private final ByteBuffer part = ByteBuffer.allocate(1 << 16);
  private long position;
  private long lines;

  LineRecords(Path file) {
    this.file = file;
  }

  @Override
  public long lastRow() throws IOException {
    if (Files.exists(file)) { // it is created with the first record
      try (SeekableByteChannel channel = Files.newByteChannel(file).position(position)) {
        while (channel.read(part.clear()) > 0) {
          for (part.flip(); part.hasRemaining(); ) {
            lines += part.get() == '\n' ? 1 : 0;
          }
        }
        position = channel.position();
      }
    }
    return lines;
  }

  @Override
  public Sums sumsAfter(long row) throws IOException {
    try (Stream<String> all = Files.lines(file)) {
      List<String[]> rows = all.skip(row).map(line -> line.split(",", -1)).toList();
      return new Sums(
          rows.size(),
          rows.stream().mapToLong(values -> Long.parseLong(values[0])).sum(),
          rows.stream().mapToDouble(values -> Double.parseDouble(values[1])).sum());
    }
  }

  @Override
  public void close() {}
}
