package app;

import dev.ingest.IngestServer;
import dev.ingest.jdbc.JdbcSink;
import dev.ingest.record.Schema;
import javax.sql.DataSource;
import org.slf4j.LoggerFactory;
import org.springframework.boot.SpringApplication;
import org.springframework.boot.autoconfigure.SpringBootApplication;
import org.springframework.context.annotation.Bean;

/** A server as a bean of a container, which stores through the container's pool of connections. */
@SpringBootApplication
public class App {
  public static void main(String[] args) {
    IngestServer server = SpringApplication.run(App.class, args).getBean(IngestServer.class);
    LoggerFactory.getLogger(App.class).info("port {}", server.localAddress().getPort());
  }

  /** The container closes its beans in reverse order: the server, which drains, and then the pool. */
  @Bean(initMethod = "start", destroyMethod = "close")
  IngestServer readings(DataSource pool) {
    return IngestServer.builder()
        .schema(Schema.builder("readings").integer("sensor_id").real("temperature").build())
        .sink(JdbcSink.to(pool))
        .build();
  }
}
