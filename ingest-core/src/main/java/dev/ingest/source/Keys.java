package dev.ingest.source;

import java.io.BufferedReader;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFileAttributeView;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The secret keys of those who may send to a source with {@link Udp#signed(Keys)}, each with an id.
 *
 * <p>Each sender has a key of its own: the server accepts each counter of a key once, and two
 * senders with one key would use the same counters. It also lets one sender be shut out, by leaving
 * out its key.
 *
 * <p>A key has 32 to 64 bytes: fewer than a hash of SHA-256 has would weaken HMAC, and more than
 * its block has would be hashed first, and not be stronger (RFC 2104, section 3). They should be
 * random:
 *
 * <pre>{@code
 * (umask 077; echo "1 $(openssl rand -hex 32)" > keys)
 * }</pre>
 *
 * <p>Give several sources the same object if a datagram that one of them has accepted must be
 * refused by the others: the counters that were accepted are remembered for each object, until it
 * is garbage.
 *
 * <p>Immutable. Nothing shows a key but {@link #key}.
 */
public final class Keys {
  /** The fewest bytes of a key: {@value}. */
  private static final int MIN_KEY_BYTES = 32;

  /** The most bytes of a key: {@value}. */
  private static final int MAX_KEY_BYTES = 64;

  private static final long MAX_ID = 0xffff_ffffL;
  private static final Pattern LINE =
      Pattern.compile("(0|[1-9][0-9]{0,9})\\s+((?:[0-9a-fA-F]{2})+)");
  private static final Set<PosixFilePermission> OWNERS =
      PosixFilePermissions.fromString("rwx------");

  private final Map<Long, byte[]> keys;

  private Keys(Map<Long, byte[]> keys) {
    this.keys = keys;
  }

  /**
   * Returns a single key.
   *
   * @param id from 0 to 4294967295
   * @param key 32 to 64 bytes, which are copied
   * @return the key
   * @throws IllegalArgumentException if the id or the length of the key is outside its range
   */
  public static Keys of(long id, byte[] key) {
    return new Keys(Map.of()).with(id, key);
  }

  /**
   * Returns these keys and one more.
   *
   * @param id from 0 to 4294967295, and not among these
   * @param key 32 to 64 bytes, which are copied
   * @return the keys, for which no counters are remembered yet
   * @throws IllegalArgumentException if the id or the length of the key is outside its range, or
   *     the id is among these
   */
  public Keys with(long id, byte[] key) {
    if (id < 0 || id > MAX_ID) {
      throw new IllegalArgumentException("id is " + id + ": expected 0 to " + MAX_ID);
    }
    if (keys.containsKey(id)) {
      throw new IllegalArgumentException("id is " + id + ", which has a key: expected another id");
    }
    if (key.length < MIN_KEY_BYTES || key.length > MAX_KEY_BYTES) {
      throw new IllegalArgumentException(wrongLength(key.length));
    }
    Map<Long, byte[]> more = new LinkedHashMap<>(keys);
    more.put(id, key.clone());
    return new Keys(more);
  }

  private static String wrongLength(int bytes) {
    return "the key has %d bytes: expected %d to %d random ones"
        .formatted(bytes, MIN_KEY_BYTES, MAX_KEY_BYTES);
  }

  /**
   * Reads keys from a file: on each line an id, decimal, white space, and the key in hexadecimal.
   * Empty lines are skipped, and so is what follows a {@code #}.
   *
   * <p>The file must be a regular one, or a link to one, and where files have POSIX permissions,
   * none but its owner may have any. It is read once; to use other keys, start the server anew.
   *
   * @param file where the keys are
   * @return the keys, in the order of their lines
   * @throws IOException if the file cannot be read, is open to others, has no key, or a line is
   *     wrong: an id above 4294967295 or one that stands in an earlier line, a key that is too
   *     short or too long, or anything else. The message names the file, the line and what was
   *     expected, and nothing of what the line holds
   */
  public static Keys readFile(Path file) throws IOException {
    requirePrivate(file);
    Map<Long, byte[]> keys = new LinkedHashMap<>();
    // As ISO 8859-1, in which every byte is a character: a wrong one is a wrong line.
    try (BufferedReader reader = Files.newBufferedReader(file, StandardCharsets.ISO_8859_1)) {
      int number = 0;
      for (String line = reader.readLine(); line != null; line = reader.readLine()) {
        number++;
        String text = line.replaceFirst("#.*", "").strip();
        if (!text.isEmpty()) {
          String wrong = add(text, keys);
          if (!wrong.isEmpty()) {
            throw new IOException("the key file " + file + ", line " + number + ": " + wrong);
          }
        }
      }
    }
    if (keys.isEmpty()) {
      throw new IOException(
          "the key file " + file + " has no key: expected lines of an id and a key");
    }
    return new Keys(keys);
  }

  private static void requirePrivate(Path file) throws IOException {
    if (!Files.exists(file)) {
      throw new NoSuchFileException("the key file " + file + " does not exist");
    }
    if (!Files.isRegularFile(file)) {
      throw new IOException("the key file " + file + " is not a regular file");
    }
    PosixFileAttributeView view = Files.getFileAttributeView(file, PosixFileAttributeView.class);
    if (view != null) {
      Set<PosixFilePermission> permissions = view.readAttributes().permissions();
      if (!OWNERS.containsAll(permissions)) {
        throw new IOException(
            "the key file %s is open to others than its owner, %s: expected rw-------, so chmod 600 it, and make new keys if others may have read it"
                .formatted(file, PosixFilePermissions.toString(permissions)));
      }
    }
  }

  /** Returns what is wrong with a line, in words that hold nothing of it; empty if nothing is. */
  private static String add(String line, Map<Long, byte[]> keys) {
    Matcher matcher = LINE.matcher(line);
    if (!matcher.matches() || Long.parseLong(matcher.group(1)) > MAX_ID) {
      return "expected an id from 0 to %d, decimal, white space, and a key of %d to %d bytes in hexadecimal"
          .formatted(MAX_ID, MIN_KEY_BYTES, MAX_KEY_BYTES);
    }
    byte[] key = HexFormat.of().parseHex(matcher.group(2));
    if (key.length < MIN_KEY_BYTES || key.length > MAX_KEY_BYTES) {
      return wrongLength(key.length);
    }
    return keys.putIfAbsent(Long.valueOf(matcher.group(1)), key) == null
        ? ""
        : "its id stands in an earlier line: expected another id";
  }

  /**
   * Returns the ids.
   *
   * @return at least one, in the order in which they were added or stand in the file
   */
  public List<Long> ids() {
    return List.copyOf(keys.keySet());
  }

  /**
   * Returns the key of an id.
   *
   * @param id one of {@link #ids()}
   * @return a copy, of 32 to 64 bytes
   * @throws IllegalArgumentException if there is no key of this id
   */
  public byte[] key(long id) {
    byte[] key = keys.get(id);
    if (key == null) {
      throw new IllegalArgumentException("id is " + id + ", which has no key: expected another id");
    }
    return key.clone();
  }

  /** Returns how many keys there are, and none of them. */
  @Override
  public String toString() {
    return "Keys[" + keys.size() + "]";
  }
}
