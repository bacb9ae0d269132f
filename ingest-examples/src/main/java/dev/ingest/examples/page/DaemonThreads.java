package dev.ingest.examples.page;

import java.util.concurrent.ThreadFactory;

/** Makes threads that do not keep the process alive, all with one name. */
record DaemonThreads(String name) implements ThreadFactory {
  @Override
  public Thread newThread(Runnable task) {
    Thread thread = new Thread(task, name);
    thread.setDaemon(true);
    return thread;
  }
}
