package dev.ingest.cleanup;

import dev.ingest.cleanup.CleanupRegistry.Registration;
import java.io.IOException;
import java.io.InputStream;
import java.lang.ref.WeakReference;
import java.lang.reflect.Field;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.stream.Stream;

/** Looks at the JVM's shutdown hooks; needs {@code --add-opens java.base/java.lang=ALL-UNNAMED}. */
public final class HookProgram {
  private HookProgram() {}

  /** An application that is deployed and undeployed: registers, and returns the registration. */
  public static final class Plugin implements Callable<Registration> {
    /** For {@link PluginLoader}. */
    public Plugin() {}

    @Override
    public Registration call() {
      return CleanupRegistry.global().register(() -> System.out.println(Plugin.class));
    }
  }

  /** Loads {@link Plugin} once more, as its own. */
  private static final class PluginLoader extends ClassLoader {
    PluginLoader() {
      super(HookProgram.class.getClassLoader());
    }

    Registration deploy() throws ReflectiveOperationException, IOException {
      String name = Plugin.class.getName();
      try (InputStream file = getResourceAsStream(name.replace('.', '/') + ".class")) {
        byte[] bytes = file.readAllBytes();
        Class<?> plugin = defineClass(name, bytes, 0, bytes.length);
        Object made = plugin.getConstructor().newInstance();
        return (Registration) plugin.getMethod("call").invoke(made);
      }
    }
  }

  /** Prints how many hooks there are at each stage. */
  public static void main(String[] args) throws Exception {
    CleanupRegistry registry = CleanupRegistry.global();
    print("looked up");
    CleanupRegistry.create().register(() -> {});
    print("registered elsewhere");
    Registration one = registry.register(() -> System.out.println("one"));
    Registration two = registry.register(() -> System.out.println("two"));
    print("registered twice");
    one.unregister();
    print("one left");
    two.unregister();
    print("none left");
    Registration last = registry.register(() -> System.out.println("never"));
    registry.register(
        () -> {
          last.unregister();
          print("nothing pending but this is running");
        });
    registry.run();
    print("ran");

    // Only the Registration is kept: it pins nothing once its action is gone.
    Registration[] kept = new Registration[1];
    WeakReference<ClassLoader> unregistered = deployAndUnregister(kept);
    System.out.println("unregistered, collected: " + collected(unregistered));
    WeakReference<ClassLoader> ran = deployAndRun(kept);
    System.out.println("ran, collected: " + collected(ran));
    WeakReference<ClassLoader> deployed = new WeakReference<>(deploy(kept));
    kept[0] = null;
    System.out.println("deployed, collected: " + collected(deployed));
  }

  private static ClassLoader deploy(Registration[] kept) throws Exception {
    PluginLoader loader = new PluginLoader();
    kept[0] = loader.deploy();
    return loader;
  }

  private static WeakReference<ClassLoader> deployAndUnregister(Registration[] kept)
      throws Exception {
    ClassLoader loader = deploy(kept);
    kept[0].unregister();
    return new WeakReference<>(loader);
  }

  private static WeakReference<ClassLoader> deployAndRun(Registration[] kept) throws Exception {
    ClassLoader loader = deploy(kept);
    CleanupRegistry.global().run();
    return new WeakReference<>(loader);
  }

  private static boolean collected(WeakReference<ClassLoader> loader) {
    for (int i = 0; i < 20 && loader.get() != null; i++) {
      System.gc();
    }
    return loader.get() == null;
  }

  private static void print(String stage) throws ReflectiveOperationException {
    System.out.println(stage + ": " + cleanupHooks().count());
  }

  /** Returns the registry's hook, which must be there. */
  static Thread cleanupHook() throws ReflectiveOperationException {
    return cleanupHooks().findAny().orElseThrow();
  }

  private static Stream<Thread> cleanupHooks() throws ReflectiveOperationException {
    return hooks().stream().filter(thread -> thread.getName().equals("ingest-cleanup"));
  }

  @SuppressWarnings("unchecked")
  private static Set<Thread> hooks() throws ReflectiveOperationException {
    Field field = Class.forName("java.lang.ApplicationShutdownHooks").getDeclaredField("hooks");
    field.setAccessible(true);
    return Set.copyOf(((Map<Thread, Thread>) field.get(null)).keySet());
  }
}
