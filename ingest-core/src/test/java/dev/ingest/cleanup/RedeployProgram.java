package dev.ingest.cleanup;

import java.net.URL;
import java.net.URLClassLoader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Comparator;
import java.util.List;

/**
 * Loads the library and an application from a directory, then closes the loader and deletes the
 * directory, as a container does, and exits. {@code args[0]} is the directory, which holds the
 * whole package.
 */
public final class RedeployProgram {
  private RedeployProgram() {}

  /** The application. Whatever can happen at the exit happens to it. */
  public static final class Application implements Runnable {
    /** For the loader. */
    public Application() {}

    @Override
    public void run() {
      CleanupRegistry registry = CleanupRegistry.global().deadline(Duration.ofSeconds(1));
      registry.register(() -> System.out.println("never reached"));
      registry.register(Application::hang);
      registry.register(() -> System.exit(9));
      registry.register(
          () -> {
            CleanupRegistry inner = CleanupRegistry.create();
            inner.register(Application::fail);
            inner.run();
          });
      registry.register(() -> System.out.println("fine"));
    }

    private static void fail() throws Exception {
      throw new Exception("failed after the redeploy");
    }

    private static void hang() throws InterruptedException {
      synchronized (Application.class) {
        Application.class.wait();
      }
    }
  }

  /** Deploys, pulls the rug, and returns. */
  public static void main(String[] args) throws Exception {
    Path directory = Path.of(args[0]);
    URL[] urls = {directory.toUri().toURL()};
    URLClassLoader loader = new URLClassLoader(urls, ClassLoader.getPlatformClassLoader());
    Class<?> application = loader.loadClass(Application.class.getName());
    ((Runnable) application.getConstructor().newInstance()).run();
    loader.close();
    List<Path> files;
    try (var walk = Files.walk(directory)) {
      files = walk.sorted(Comparator.reverseOrder()).toList();
    }
    for (Path file : files) {
      Files.delete(file);
    }
  }
}
