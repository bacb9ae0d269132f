package dev.ingest.examples.page;

import java.net.InetAddress;
import java.util.List;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Refuses requests to a loopback address that name another host, as a foreign site's script makes
 * them after its name has begun to resolve to loopback (DNS rebinding). On other addresses any name
 * may be right.
 */
record HostCheck(InetAddress boundTo) {
  private static final Pattern LOOPBACK =
      Pattern.compile(
          "(localhost\\.?|127(\\.\\d{1,3}){3}|\\[::1])(:\\d{1,5})?", Pattern.CASE_INSENSITIVE);

  /**
   * Tells whether a request may be answered.
   *
   * @param hosts the values of its Host header; null if it has none
   */
  boolean allows(@Nullable List<String> hosts) {
    return !boundTo.isLoopbackAddress()
        || (hosts != null && hosts.size() == 1 && LOOPBACK.matcher(hosts.get(0)).matches());
  }
}
