package dev.ingest.bench;

import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/**
 * What is measured beside the library at the same rates. Each may be left out.
 *
 * @param against the jar of another build of these benchmarks
 * @param limit the program in C that does the same work at the limit of the machine
 * @param inUse what people use on datagrams
 * @param questDb the jar of QuestDB, which gets its records over TCP
 */
record Yardsticks(
    Optional<Path> against,
    Optional<PeerProgram> limit,
    List<PeerProgram> inUse,
    Optional<Path> questDb) {
  /** The name of the other build in the results. */
  static final String AGAINST = "against";

  /** Returns those that can be measured with a source of one kind. */
  Yardsticks with(SourceKind source) {
    return new Yardsticks(
        against,
        source == SourceKind.UDP ? limit : Optional.empty(),
        source == SourceKind.UDP ? inUse : List.of(),
        source == SourceKind.TCP ? questDb : Optional.empty());
  }
}
