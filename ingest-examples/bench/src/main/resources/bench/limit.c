/* The same work as a server of the library, at the limit of the machine: a yardstick, no product.
 *
 * build:  cc -O3 -march=native -pthread -o limit limit.c -lsqlite3
 * use:    limit PORT DATABASE SHAPE    (ends on SIGTERM or SIGINT, and then prints its account)
 *
 * It receives records, one a datagram, with recvmmsg. SHAPE is sensor, short, wide, text or optional, as
 * send.c makes them. It trusts its input: the fields come in the order of the schema, numbers are what
 * they look like, names are looked at only where a field may be missing. After a read that did not fill a
 * burst it hands its batch over, if the writer waits for one, and sleeps for 2 ms, in which datagrams
 * gather: so what arrives is committed every 2 ms, as by the library. A thread of its own writes each
 * batch in a transaction to an SQLite database on disk (WAL, synchronous=normal), 512 values a statement. */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <errno.h>
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
#include <time.h>

enum { COLUMNS = 20, ROWS = 4096, BATCHES = 16, BURST = 64, SIZE = 2048, VALUES = 512, TEXT = 1 << 20, GATHER = 2000000 };

typedef enum { INTEGER, REAL, STRING, BOOLEAN, INSTANT } Kind;
typedef struct { const char *name; Kind kind; int optional, name_length; } Column;
typedef struct { int offset, length; } Text;
typedef union { int64_t integer; double real; Text text; } Value;
typedef struct {
  int rows, used; /* used: bytes of text */
  uint8_t null[ROWS][COLUMNS];
  Value values[ROWS][COLUMNS];
  char text[TEXT];
} Batch;

#define SENSOR {"sensor_id", INTEGER}, {"temperature", REAL}, {"humidity", REAL}, {"ingested_at", REAL}
static Column sensor[] = {SENSOR, {0}};
static Column shorter[] = {{"sensor_id", INTEGER}, {"temperature", REAL}, {"ingested_at", REAL}, {0}};
static Column text[] = {SENSOR, {"message", STRING}, {0}};
static Column wide[] = {SENSOR, {"integer_1", INTEGER}, {"integer_2", INTEGER}, {"integer_3", INTEGER},
    {"integer_4", INTEGER}, {"real_1", REAL}, {"real_2", REAL}, {"real_3", REAL}, {"real_4", REAL},
    {"text_1", STRING}, {"text_2", STRING}, {"text_3", STRING}, {"bool_1", BOOLEAN}, {"bool_2", BOOLEAN},
    {"bool_3", BOOLEAN}, {"time_1", INSTANT}, {"time_2", INSTANT}, {0}};
static Column optional[] = {SENSOR, {"real_1", REAL, 1}, {"real_2", REAL, 1}, {"real_3", REAL, 1}, {"real_4", REAL, 1},
    {"integer_1", INTEGER, 1}, {"integer_2", INTEGER, 1}, {"text_1", STRING, 1}, {"text_2", STRING, 1}, {0}};

static Column *columns;
static int column_count, rows_a_statement;
static Batch *batches; /* a ring: the receiver fills number filled, the writer empties number stored */
static volatile long filled, stored;
static volatile sig_atomic_t stop;
static int ended;
static long persisted;
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t changed = PTHREAD_COND_INITIALIZER;
static sqlite3 *database;

static void check(int good, const char *what) {
  if (!good) {
    fprintf(stderr, "%s: %s\n", what, database ? sqlite3_errmsg(database) : strerror(errno));
    exit(1);
  }
}

static Column *columns_of(const char *shape) {
  return !strcmp(shape, "sensor") ? sensor : !strcmp(shape, "short") ? shorter : !strcmp(shape, "text") ? text
      : !strcmp(shape, "wide") ? wide : !strcmp(shape, "optional") ? optional : NULL;
}

/* ---- The writer ---- */

static sqlite3_stmt *prepared(const char *sql) {
  sqlite3_stmt *statement;
  check(sqlite3_prepare_v2(database, sql, -1, &statement, NULL) == SQLITE_OK, sql);
  return statement;
}

static sqlite3_stmt *insert_of(int rows) {
  char sql[65536], *end = sql + sprintf(sql, "insert into sensor_measurements values ");
  for (int i = 0; i < rows; i++)
    for (int c = 0; c < column_count; c++)
      end += sprintf(end, "%s?%s", c ? "," : i ? ",(" : "(", c == column_count - 1 ? ")" : "");
  return prepared(sql);
}

static void run(sqlite3_stmt *statement) {
  check(sqlite3_step(statement) == SQLITE_DONE, sqlite3_sql(statement));
  sqlite3_reset(statement);
}

static void open_database(const char *file) {
  static const char *types[] = {"integer", "decimal", "text", "boolean", "timestamp"};
  char sql[4096], *end = sql + sprintf(sql, "create table if not exists sensor_measurements (");
  for (int c = 0; c < column_count; c++)
    end += sprintf(end, "%s%s %s", c ? ", " : "", columns[c].name, types[columns[c].kind]);
  sprintf(end, ")");
  check(sqlite3_open_v2(file, &database, SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE | SQLITE_OPEN_NOMUTEX, NULL)
      == SQLITE_OK, file);
  sqlite3_busy_timeout(database, 20000);
  check(sqlite3_exec(database, "pragma journal_mode=wal; pragma synchronous=normal", NULL, NULL, NULL) == SQLITE_OK, file);
  check(sqlite3_exec(database, sql, NULL, NULL, NULL) == SQLITE_OK, sql);
}

static void insert(sqlite3_stmt *statement, const Batch *b, int row, int rows) {
  for (int i = 0, at = 1; i < rows; i++, row++)
    for (int c = 0; c < column_count; c++, at++) {
      const Value *v = &b->values[row][c];
      Kind kind = columns[c].kind;
      if (columns[c].optional && b->null[row][c]) sqlite3_bind_null(statement, at);
      else if (kind == REAL || kind == INSTANT) sqlite3_bind_double(statement, at, v->real);
      else if (kind == STRING) sqlite3_bind_text(statement, at, b->text + v->text.offset, v->text.length, SQLITE_STATIC);
      else sqlite3_bind_int64(statement, at, v->integer);
    }
  run(statement);
}

static void *write_batches(void *unused) {
  sqlite3_stmt *many = insert_of(rows_a_statement), *one = insert_of(1);
  sqlite3_stmt *begin = prepared("begin immediate"), *commit = prepared("commit");
  for (;;) {
    pthread_mutex_lock(&lock);
    while (stored == filled && !ended) pthread_cond_wait(&changed, &lock);
    int nothing_left = stored == filled;
    pthread_mutex_unlock(&lock);
    if (nothing_left) break;
    const Batch *b = &batches[stored % BATCHES];
    int row = 0;
    run(begin);
    for (; row + rows_a_statement <= b->rows; row += rows_a_statement) insert(many, b, row, rows_a_statement);
    for (; row < b->rows; row++) insert(one, b, row, 1);
    run(commit);
    persisted += b->rows;
    __atomic_store_n(&stored, stored + 1, __ATOMIC_RELEASE);
  }
  sqlite3_finalize(many);
  sqlite3_finalize(one);
  sqlite3_finalize(begin);
  sqlite3_finalize(commit);
  sqlite3_close(database);
  return unused;
}

/* ---- The receiver ---- */

static Batch *batch(void) { return &batches[filled % BATCHES]; }

/* While the ring is full it waits: the kernel's buffer fills, and then the kernel drops. */
static void hand_over(void) {
  while (filled - __atomic_load_n(&stored, __ATOMIC_ACQUIRE) == BATCHES - 1) nanosleep(&(struct timespec){0, 100000}, NULL);
  pthread_mutex_lock(&lock);
  filled++;
  pthread_cond_signal(&changed);
  pthread_mutex_unlock(&lock);
  batch()->rows = batch()->used = 0;
}

static const char *integer(const char *p, int64_t *out) {
  int64_t v = 0, negative = *p == '-';
  for (p += negative; *p >= '0' && *p <= '9'; p++) v = v * 10 + (*p - '0');
  *out = negative ? -v : v;
  return p;
}

/* The fast path of Clinger: digits that fit 53 bits and a power of ten up to 22 are both exact. */
static const char *real(const char *p, double *out) {
  static const double powers[] = {1e0, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9, 1e10, 1e11, 1e12, 1e13, 1e14, 1e15,
      1e16, 1e17, 1e18, 1e19, 1e20, 1e21, 1e22};
  const char *start = p;
  uint64_t digits = 0;
  int count = 0, scale = 0, negative = *p == '-';
  for (p += negative; *p >= '0' && *p <= '9'; p++, count++) digits = digits * 10 + (*p - '0');
  if (*p == '.')
    for (p++; *p >= '0' && *p <= '9'; p++, count++, scale++) digits = digits * 10 + (*p - '0');
  if (count > 19 || digits > 1ull << 53 || scale > 22 || *p == 'e' || *p == 'E') {
    char *end;
    *out = strtod(start, &end);
    return end;
  }
  *out = (negative ? -(double)digits : (double)digits) / powers[scale];
  return p;
}

static int hex(const char *p) {
  int v = 0;
  for (int i = 0; i < 4; i++) v = v << 4 | (p[i] <= '9' ? p[i] - '0' : (p[i] | 32) - 'a' + 10);
  return v;
}

static char *put_utf8(char *to, int c) {
  if (c < 0x80) {
    *to++ = c;
  } else if (c < 0x800) {
    *to++ = 0xC0 | c >> 6, *to++ = 0x80 | (c & 63);
  } else if (c < 0x10000) {
    *to++ = 0xE0 | c >> 12, *to++ = 0x80 | (c >> 6 & 63), *to++ = 0x80 | (c & 63);
  } else {
    *to++ = 0xF0 | c >> 18, *to++ = 0x80 | (c >> 12 & 63), *to++ = 0x80 | (c >> 6 & 63), *to++ = 0x80 | (c & 63);
  }
  return to;
}

static const char *string(const char *p, Batch *b, Text *out) {
  static const char escapes[256] = {['n'] = '\n', ['t'] = '\t', ['r'] = '\r', ['b'] = '\b', ['f'] = '\f'};
  char *start = b->text + b->used, *to = start;
  for (p++; *p != '"';) {
    if (*p != '\\') {
      *to++ = *p++;
    } else if (p[1] != 'u') {
      char escape = escapes[(uint8_t)p[1]];
      *to++ = escape ? escape : p[1];
      p += 2;
    } else {
      int c = hex(p + 2);
      p += 6;
      if (c >> 10 == 0x36) { /* the first half of a pair */
        c = 0x10000 + ((c & 0x3FF) << 10) + (hex(p + 2) & 0x3FF);
        p += 6;
      }
      to = put_utf8(to, c);
    }
  }
  *out = (Text){b->used, to - start};
  b->used += to - start;
  return p + 1;
}

static int digits(const char *p, int count) {
  int v = 0;
  for (int i = 0; i < count; i++) v = v * 10 + p[i] - '0';
  return v;
}

/* "2025-07-05T11:59:01.12Z"; the days since 1970 are counted in years that begin with March. */
static const char *instant(const char *p, double *out) {
  int month = digits(p + 6, 2), year = digits(p + 1, 4) - (month <= 2);
  int64_t of_year = (153 * (month + (month > 2 ? -3 : 9)) + 2) / 5 + digits(p + 9, 2) - 1;
  int64_t days = 365 * year + year / 4 - year / 100 + year / 400 + of_year - 719468;
  int minutes = digits(p + 12, 2) * 60 + digits(p + 15, 2);
  double second;
  p = real(p + 18, &second);
  *out = days * 86400 + minutes * 60 + second;
  return p;
}

static void decode(const char *p, Batch *b) {
  int row = b->rows++;
  for (int c = 0; c < column_count; c++) {
    const Column *column = &columns[c];
    if (column->optional) {
      while (*p == ',' || *p == ' ') p++;
      b->null[row][c] = *p == '}' || memcmp(p + 1, column->name, column->name_length) != 0;
      if (b->null[row][c]) continue;
    }
    while (*p != ':') p++;
    for (p++; *p == ' '; p++) {}
    Value *v = &b->values[row][c];
    switch (column->kind) {
      case INTEGER: p = integer(p, &v->integer); break;
      case REAL: p = real(p, &v->real); break;
      case STRING: p = string(p, b, &v->text); break;
      case BOOLEAN: v->integer = *p == 't'; break;
      case INSTANT: p = instant(p, &v->real); break;
    }
  }
}

static int open_socket(int port) {
  int s = socket(AF_INET, SOCK_DGRAM, 0), bytes = 4 << 20;
  struct timeval silence = {0, 20000}; /* so that a signal is seen */
  struct sockaddr_in address = {.sin_family = AF_INET, .sin_port = htons(port)};
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  setsockopt(s, SOL_SOCKET, SO_RCVBUF, &bytes, sizeof bytes);
  setsockopt(s, SOL_SOCKET, SO_RCVTIMEO, &silence, sizeof silence);
  check(!bind(s, (void *)&address, sizeof address), "bind");
  return s;
}

static void on_signal(int number) { stop = number; }

static long receive(int s) {
  static char datagrams[BURST][SIZE];
  static struct iovec parts[BURST];
  static struct mmsghdr messages[BURST];
  static struct sockaddr_in senders[BURST];
  long received = 0;
  for (int i = 0; i < BURST; i++) {
    parts[i] = (struct iovec){datagrams[i], SIZE - 1};
    messages[i].msg_hdr.msg_iov = &parts[i];
    messages[i].msg_hdr.msg_iovlen = 1;
    messages[i].msg_hdr.msg_name = &senders[i];
  }
  for (int idle = 1; !stop;) {
    for (int i = 0; i < BURST; i++) messages[i].msg_hdr.msg_namelen = sizeof senders[i];
    int n = recvmmsg(s, messages, BURST, idle ? MSG_WAITFORONE : MSG_DONTWAIT, NULL);
    for (int i = 0; i < n; i++) {
      if (batch()->rows == ROWS || batch()->used > TEXT - SIZE) hand_over();
      datagrams[i][messages[i].msg_len] = 0;
      decode(datagrams[i], batch());
    }
    received += n > 0 ? n : 0;
    if (n == BURST) continue;
    int writer_waits = filled == __atomic_load_n(&stored, __ATOMIC_ACQUIRE);
    if (batch()->rows && writer_waits) hand_over();
    idle = n <= 0 && !batch()->rows;
    if (!idle) nanosleep(&(struct timespec){0, GATHER}, NULL);
  }
  if (batch()->rows) hand_over();
  return received;
}

int main(int argc, char **argv) {
  if (argc != 4 || !(columns = columns_of(argv[3])))
    return fprintf(stderr, "use: limit PORT DATABASE sensor|short|wide|text|optional\n"), 2;
  for (; columns[column_count].name; column_count++) columns[column_count].name_length = strlen(columns[column_count].name);
  rows_a_statement = VALUES / column_count;
  batches = calloc(BATCHES, sizeof *batches);
  check(batches != NULL, "memory");
  signal(SIGTERM, on_signal);
  signal(SIGINT, on_signal);
  open_database(argv[2]);
  int s = open_socket(atoi(argv[1]));
  pthread_t writer;
  pthread_create(&writer, NULL, write_batches, NULL);
  printf("listening on 127.0.0.1:%s\n", argv[1]);
  fflush(stdout);
  long received = receive(s);
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
