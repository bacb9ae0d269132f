package dev.ingest.internal.server;

import dev.ingest.sink.Sink;
import dev.ingest.sink.SinkConfig;
import dev.ingest.sink.SinkProvider;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.ServiceConfigurationError;
import java.util.ServiceLoader;
import java.util.Set;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/** Finds the provider of a sink by the scheme of its URI. */
public final class SinkLookup {
  private static final int MAX_BROKEN = 100;

  private final Set<SinkProvider> providers = new LinkedHashSet<>();
  private final List<String> broken = new ArrayList<>();

  /** Loads all providers that the context class loader and the library's own can see. */
  public SinkLookup() {
    load(ServiceLoader.load(SinkProvider.class));
    if (providers.isEmpty()) {
      load(ServiceLoader.load(SinkProvider.class, SinkProvider.class.getClassLoader()));
    }
  }

  private void load(ServiceLoader<SinkProvider> loader) {
    Iterator<SinkProvider> found = loader.iterator();
    // A class loader that cannot be read at all would fail without end.
    while (broken.size() < MAX_BROKEN) {
      try {
        if (!found.hasNext()) {
          return;
        }
        providers.add(found.next());
      } catch (ServiceConfigurationError | LinkageError e) {
        broken.add(e.toString()); // one that cannot be loaded must not hide the others
      }
    }
  }

  /**
   * Makes the sink that a URI names.
   *
   * @throws IllegalArgumentException if the text is no URI, its scheme is unknown or served twice,
   *     or the provider refuses it
   */
  public Sink create(String uri) {
    SinkConfig config = SinkConfig.parse(uri);
    SinkProvider found = null;
    for (SinkProvider provider : providers) {
      if (config.scheme().equals(provider.scheme())) {
        if (found != null) {
          throw new IllegalArgumentException(
              "two providers serve the scheme '"
                  + config.scheme()
                  + "' of the sink URI, "
                  + found.getClass().getName()
                  + " and "
                  + provider.getClass().getName()
                  + "; expected one: remove a module or a jar");
        }
        found = provider;
      }
    }
    SinkProvider provider = orUnknown(found, config);
    return provider.create(config.showing(provider.publicOptions()));
  }

  private SinkProvider orUnknown(@Nullable SinkProvider found, SinkConfig config) {
    if (found == null) {
      Set<String> schemes = new TreeSet<>();
      providers.forEach(provider -> schemes.add(String.valueOf(provider.scheme())));
      // Without the path, too: which of its parts are secrets, only a provider can know.
      throw new IllegalArgumentException(
          "sink URI '"
              + config.scheme()
              + ":***' has the unknown scheme '"
              + config.scheme()
              + "': found "
              + (schemes.isEmpty() ? "no sink at all" : "only " + schemes)
              + "; is the sink's module or jar a dependency?"
              + (broken.isEmpty() ? "" : " These could not be loaded: " + broken));
    }
    return found;
  }
}
