package dev.ingest.internal.file;

import java.io.IOException;

/**
 * A file or a directory is not used, for what it is and not for a fault of the system. The message
 * says what was found, what was expected and what to do.
 */
public final class FileRefusedException extends IOException {
  private static final long serialVersionUID = 1;

  FileRefusedException(String message) {
    super(message);
  }
}
