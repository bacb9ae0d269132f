package dev.ingest.internal.receive.udp;

import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;

/** The sockets that this process has open, as Linux lists them in /proc/self/fd (proc(5)). */
final class ProcSockets {
  private ProcSockets() {}

  /**
   * Returns their descriptors, by inode.
   *
   * @throws IOException if there is no such list
   */
  static Map<String, Integer> descriptors() throws IOException {
    Map<String, Integer> descriptors = new HashMap<>();
    try (DirectoryStream<Path> links = Files.newDirectoryStream(Path.of("/proc/self/fd"))) {
      for (Path link : links) {
        try {
          String target = Files.readSymbolicLink(link).toString();
          if (target.startsWith("socket:[")) {
            String inode = target.substring("socket:[".length(), target.length() - 1);
            descriptors.put(inode, Integer.valueOf(link.getFileName().toString()));
          }
        } catch (NoSuchFileException e) {
          // closed meanwhile
        }
      }
    }
    return descriptors;
  }
}
