package dev.ingest.bench;

import java.nio.file.Path;
import java.util.Optional;

/**
 * What is measured beside the library at the same rates. Each may be left out.
 *
 * @param against the jar of another build of these benchmarks
 * @param limit the program in C that does the same work at the limit of the machine
 * @param syslogNg what people use
 */
record Yardsticks(
    Optional<Path> against, Optional<PeerProgram> limit, Optional<PeerProgram> syslogNg) {
  /** The name of the other build in the results. */
  static final String AGAINST = "against";

  /** Returns those that can be measured with a source of one kind. */
  Yardsticks with(SourceKind source) {
    return source == SourceKind.UDP
        ? this
        : new Yardsticks(against, Optional.empty(), Optional.empty());
  }
}
