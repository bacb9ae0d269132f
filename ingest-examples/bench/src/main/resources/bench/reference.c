/* The same work as a server of the library, at the limit of the machine: a yardstick, no product.
 *
 * build:  cc -O2 -pthread -o reference reference.c -lsqlite3
 * use:    reference PORT DATABASE      (ends on SIGTERM or SIGINT, and then prints its account)
 *
 * It receives sensor records (one a datagram, the shape "sensor" of send.c) with recvmmsg, and reads the
 * four numbers of each without looking at anything else: it trusts its input. A thread of its own writes
 * them to an SQLite database on disk (WAL, synchronous=normal), a transaction a batch and 32 rows a
 * statement. A batch is handed over when it is full, or when nothing came for two milliseconds: made for
 * throughput, not for latency. */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <netinet/in.h>
#include <pthread.h>
#include <signal.h>
#include <sqlite3.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

enum { BATCH = 4096, BATCHES = 16, ROWS = 32, MESSAGES = 64, SIZE = 2048 };

typedef struct {
  int count;
  int64_t sensor_id[BATCH];
  double temperature[BATCH], humidity[BATCH], ingested_at[BATCH];
} Batch;

/* A ring, which holds as many records as the library's queue: the receiver fills 
 * batches[filled % BATCHES], the writer stores batches[stored % BATCHES]. */
static Batch batches[BATCHES];
static long filled, stored, persisted;
static int ended;
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t changed = PTHREAD_COND_INITIALIZER;
static volatile sig_atomic_t stop;

static sqlite3 *database;

static void check(int good, const char *what) {
  if (good) return;
  fprintf(stderr, "%s: %s\n", what, database ? sqlite3_errmsg(database) : "failed");
  exit(1);
}

static void execute(const char *sql) { check(sqlite3_exec(database, sql, 0, 0, 0) == SQLITE_OK, sql); }

static sqlite3_stmt *insert_of(int rows) {
  char sql[64 + 10 * ROWS] = "insert into sensor_measurements values (?,?,?,?)";
  for (int i = 1; i < rows; i++) strcat(sql, ",(?,?,?,?)");
  sqlite3_stmt *statement = NULL;
  check(sqlite3_prepare_v2(database, sql, -1, &statement, 0) == SQLITE_OK, sql);
  return statement;
}

static void insert(sqlite3_stmt *statement, const Batch *b, int row, int rows) {
  for (int i = 0, column = 1; i < rows; i++, row++) {
    sqlite3_bind_int64(statement, column++, b->sensor_id[row]);
    sqlite3_bind_double(statement, column++, b->temperature[row]);
    sqlite3_bind_double(statement, column++, b->humidity[row]);
    sqlite3_bind_double(statement, column++, b->ingested_at[row]);
  }
  check(sqlite3_step(statement) == SQLITE_DONE, "insert");
  sqlite3_reset(statement);
}

static void open_database(const char *file) {
  check(sqlite3_open(file, &database) == SQLITE_OK, file);
  execute("pragma journal_mode = wal");
  execute("pragma synchronous = normal");
  execute("create table if not exists sensor_measurements"
          "(sensor_id integer, temperature decimal, humidity decimal, ingested_at timestamp)");
}

static void *write_batches(void *unused) {
  sqlite3_stmt *many = insert_of(ROWS), *one = insert_of(1);
  for (;;) {
    pthread_mutex_lock(&lock);
    while (stored == filled && !ended) pthread_cond_wait(&changed, &lock);
    int nothing_left = stored == filled;
    pthread_mutex_unlock(&lock);
    if (nothing_left) break;
    const Batch *b = &batches[stored % BATCHES];
    int row = 0;
    execute("begin");
    for (; row + ROWS <= b->count; row += ROWS) insert(many, b, row, ROWS);
    for (; row < b->count; row++) insert(one, b, row, 1);
    execute("commit");
    persisted += b->count;
    pthread_mutex_lock(&lock);
    stored++;
    pthread_cond_signal(&changed);
    pthread_mutex_unlock(&lock);
  }
  sqlite3_finalize(many);
  sqlite3_finalize(one);
  sqlite3_close(database);
  return unused;
}

/* Waits while the ring is full: the kernel's buffer fills, and then the kernel drops. */
static Batch *hand_over(void) {
  pthread_mutex_lock(&lock);
  filled++;
  pthread_cond_signal(&changed);
  while (filled - stored == BATCHES) pthread_cond_wait(&changed, &lock);
  pthread_mutex_unlock(&lock);
  Batch *b = &batches[filled % BATCHES];
  b->count = 0;
  return b;
}

/* The number after the next colon. */
static double number(char **text) {
  return strtod(strchr(*text, ':') + 1, text);
}

static int open_socket(int port) {
  int s = socket(AF_INET, SOCK_DGRAM, 0), bytes = 4 << 20;
  struct timeval silence = {0, 2000};
  struct sockaddr_in address = {.sin_family = AF_INET, .sin_port = htons(port)};
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  setsockopt(s, SOL_SOCKET, SO_RCVBUF, &bytes, sizeof bytes);
  setsockopt(s, SOL_SOCKET, SO_RCVTIMEO, &silence, sizeof silence);
  if (bind(s, (void *)&address, sizeof address)) {
    perror("bind");
    exit(1);
  }
  return s;
}

static void on_signal(int number) { stop = number; }

int main(int argc, char **argv) {
  if (argc != 3) return fprintf(stderr, "use: reference PORT DATABASE\n"), 2;
  signal(SIGTERM, on_signal);
  signal(SIGINT, on_signal);
  open_database(argv[2]);
  int s = open_socket(atoi(argv[1]));
  pthread_t writer;
  pthread_create(&writer, NULL, write_batches, NULL);
  printf("listening on 127.0.0.1:%s\n", argv[1]);
  fflush(stdout);

  static char texts[MESSAGES][SIZE];
  static struct iovec parts[MESSAGES];
  static struct mmsghdr messages[MESSAGES];
  for (int i = 0; i < MESSAGES; i++) {
    parts[i] = (struct iovec){texts[i], SIZE - 1};
    messages[i].msg_hdr.msg_iov = &parts[i];
    messages[i].msg_hdr.msg_iovlen = 1;
  }
  long received = 0;
  Batch *b = &batches[0];
  while (!stop) {
    int n = recvmmsg(s, messages, MESSAGES, MSG_WAITFORONE, NULL);
    if (n <= 0 && b->count > 0) b = hand_over();
    for (int i = 0; i < n; i++) {
      char *text = texts[i];
      texts[i][messages[i].msg_len] = 0;
      int row = b->count++;
      b->sensor_id[row] = strtol(strchr(text, ':') + 1, &text, 10);
      b->temperature[row] = number(&text);
      b->humidity[row] = number(&text);
      b->ingested_at[row] = number(&text);
      if (b->count == BATCH) b = hand_over();
    }
    if (n > 0) received += n;
  }
  if (b->count > 0) hand_over();
  pthread_mutex_lock(&lock);
  ended = 1;
  pthread_cond_signal(&changed);
  pthread_mutex_unlock(&lock);
  pthread_join(writer, NULL);

  struct rusage use;
  getrusage(RUSAGE_SELF, &use);
  double micros = 1e6 * (use.ru_utime.tv_sec + use.ru_stime.tv_sec) + use.ru_utime.tv_usec + use.ru_stime.tv_usec;
  printf("received=%ld persisted=%ld cpu_us_per_record=%.2f peak_kb=%ld\n", received, persisted,
      persisted ? micros / persisted : 0, use.ru_maxrss);
}
