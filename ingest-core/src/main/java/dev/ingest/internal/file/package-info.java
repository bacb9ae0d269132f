/**
 * Files and directories that the server makes: for its user alone, whatever the umask, never
 * through a symbolic link, and locked for one server. Any thread.
 */
@NullMarked
package dev.ingest.internal.file;

import org.jspecify.annotations.NullMarked;
