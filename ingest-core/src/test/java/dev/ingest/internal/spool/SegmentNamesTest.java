package dev.ingest.internal.spool;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class SegmentNamesTest {
  private static final String RANDOM = "-0123456789abcdef";

  @ParameterizedTest
  @CsvSource({
    "0000000001, 0000000002",
    "9999999999, 10000000000",
    "99999999999999999, 100000000000000000",
    "999999999999999998, 999999999999999999",
    "999999999999999999, 999999999999999999",
  })
  void the_next_segment_comes_after_the_last_and_is_found_again(String last, String next)
      throws IOException {
    SimulatedDisk disk = new SimulatedDisk(Path.of("simulated"), new Random(1));
    disk.create("0000000000" + RANDOM + SegmentNames.FILE_SUFFIX);
    disk.create(last + RANDOM + SegmentNames.FILE_SUFFIX);
    SegmentNames names = new SegmentNames(disk);
    assertEquals(List.of("0000000000" + RANDOM, last + RANDOM), names.whole());
    String name = names.next();
    assertEquals(next, name.substring(0, name.indexOf('-')));

    disk.create(name + SegmentNames.FILE_SUFFIX);
    List<String> found = new SegmentNames(disk).whole();
    assertEquals(3, found.size());
    assertTrue(found.contains(name));
    assertEquals(List.of(), names.foreign());
    if (!next.equals(last)) {
      assertEquals(name, found.get(2));
    }
  }
}
