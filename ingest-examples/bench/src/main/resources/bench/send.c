/* Sends made-up JSON records to this machine: to a UDP port as datagrams, up to 64 a system call, or to a
 * TCP port or a Unix socket as lines, up to 64 KB a system call. With ilp:PORT the records of the shape sensor go
 * to a TCP port as lines of InfluxDB's line protocol, without a time of the line.
 *
 * build:  cc -O2 -o send send.c
 * use:    send PORT|tcp:PORT|unix:PATH|ilp:PORT COUNT RATE SEED SHAPE stamp|plain
 *
 * COUNT and RATE (a second; 0 is as fast as it can) are in records. SHAPE is sensor, short, wide,
 * text, optional, nested or array; with "array" a datagram holds 50 records, in the others one. With "stamp" the
 * digits of ingested_at become the time of sending, just before the system call. The same seed and
 * shape make the same datagrams; they are made before the start and then sent round and round.
 *
 * It prints what it sent, when it began (seconds since 1970), how long it took, and the sums that the
 * stored rows must give. LoadSender.java does the same without a C compiler: keep the two alike. */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <time.h>

enum { BURST = 64, LINES = 1024, WRITE = 65536, SLOTS = 4096, ARRAY_SLOTS = 128, ARRAY_RECORDS = 50, STAMP_DIGITS = 17 };

typedef struct {
  char *text;
  int length;
  int stamps[ARRAY_RECORDS]; /* where the digits of ingested_at begin, for each record */
  long sum_sensor_id;
  double sum_temperature;
} Datagram;

static Datagram slots[SLOTS];
static char buffer[65536], *end; /* the datagram that is being made, and where it ends so far */

static uint64_t state; /* SplitMix64 */

static int64_t next(int64_t bound) {
  uint64_t z = state += 0x9E3779B97F4A7C15u;
  z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9u;
  z = (z ^ (z >> 27)) * 0x94D049BB133111EBu;
  z ^= z >> 31;
  return (int64_t)(z >> 1) % bound;
}

#define PUT(...) (end += sprintf(end, __VA_ARGS__))

static void put_decimal(int least, int most) {
  long whole = least + next(most - least);
  long fraction = next(100000000000000);
  PUT("%ld.%014ld", whole, fraction);
}

static void put_time(Datagram *d, int record) {
  d->stamps[record] = end - buffer;
  PUT("1751715061.%06ld", (long)next(1000000));
}

static void put_text(void) {
  static const char *pieces[] = {"reading taken at noon ", "valve closed, ", "\\\"quoted\\\" ", "C:\\\\data\\\\log ",
      "line\\nbreak\\ttab ", "21 °C ", "größer als erwartet ", "\\u00e9t\\u00e9 ", "温度センサー ", "\\ud83d\\ude00 😀 "};
  for (int i = 0; i < 24; i++) PUT("%s", pieces[next(10)]);
}

static void put_ids(Datagram *d, const char *id_name, const char *temperature_name, int digits) {
  long id = 10 + next(990);
  PUT("%s%ld%s", id_name, id, temperature_name);
  const char *temperature = end;
  if (digits == 1) {
    long whole = 1 + next(34);
    PUT("%ld.%ld", whole, (long)next(10));
  } else {
    put_decimal(1, 35);
  }
  d->sum_sensor_id += id;
  d->sum_temperature += strtod(temperature, NULL);
}

static void put_sensor(Datagram *d, int record) {
  put_ids(d, "{\"sensor_id\": ", ", \"temperature\": ", 14);
  PUT(", \"humidity\": ");
  put_decimal(1, 12);
  PUT(", \"ingested_at\": ");
  put_time(d, record);
}

static void put_wide(void) {
  for (int i = 1; i <= 4; i++) PUT(", \"integer_%d\": %ld", i, (long)next(1000000000000) - 500000000000);
  for (int i = 1; i <= 4; i++) {
    PUT(", \"real_%d\": ", i);
    put_decimal(0, 1000);
  }
  for (int i = 1; i <= 3; i++) PUT(", \"text_%d\": \"station %ld\"", i, (long)next(100000));
  for (int i = 1; i <= 3; i++) PUT(", \"bool_%d\": %s", i, next(2) ? "true" : "false");
  for (int i = 1; i <= 2; i++) PUT(", \"time_%d\": \"2025-07-05T11:%02ld:01.12Z\"", i, (long)next(60));
}

static void put_optional(void) {
  for (int i = 1; i <= 4; i++)
    if (next(2)) {
      PUT(", \"real_%d\": ", i);
      put_decimal(0, 1000);
    }
  for (int i = 1; i <= 2; i++)
    if (next(2)) PUT(", \"integer_%d\": %ld", i, (long)next(1000000));
  for (int i = 1; i <= 2; i++)
    if (next(2)) PUT(", \"text_%d\": \"station %ld\"", i, (long)next(100000));
}

static void put_nested(Datagram *d) {
  put_ids(d, "{\"device\": {\"id\": ", ", \"model\": \"TH-2\"}, \"readings\": [{\"kind\": \"temperature\", \"value\": ", 14);
  PUT("}, {\"kind\": \"humidity\", \"value\": ");
  put_decimal(1, 12);
  PUT("}], \"at\": {\"unix\": ");
  put_time(d, 0);
  PUT("}}");
}

static int put_line_protocol(Datagram *d, const char *shape) {
  put_ids(d, "sensor_measurements sensor_id=", "i,temperature=", 14);
  PUT(",humidity=");
  put_decimal(1, 12);
  PUT(",ingested_at=");
  put_time(d, 0);
  return !strcmp(shape, "sensor");
}

static int put_datagram(Datagram *d, const char *shape) {
  if (!strcmp(shape, "array")) {
    for (int i = 0; i < ARRAY_RECORDS; i++) {
      PUT(i ? ", " : "[");
      put_sensor(d, i);
      PUT("}");
    }
    PUT("]");
  } else if (!strcmp(shape, "nested")) {
    put_nested(d);
  } else if (!strcmp(shape, "short")) {
    put_ids(d, "{\"sensor_id\":", ",\"temperature\":", 1);
    PUT(",\"ingested_at\":");
    put_time(d, 0);
    PUT("}");
  } else {
    put_sensor(d, 0);
    if (!strcmp(shape, "wide")) {
      put_wide();
    } else if (!strcmp(shape, "optional")) {
      put_optional();
    } else if (!strcmp(shape, "text")) {
      PUT(", \"message\": \"");
      put_text();
      PUT("\"");
    } else if (strcmp(shape, "sensor")) {
      return 0;
    }
    PUT("}");
  }
  return 1;
}

static double now(clockid_t clock) {
  struct timespec t;
  clock_gettime(clock, &t);
  return t.tv_sec + t.tv_nsec * 1e-9;
}

static void digits_of_now(char *digits) {
  struct timespec t;
  clock_gettime(CLOCK_REALTIME, &t);
  char text[40];
  snprintf(text, sizeof text, "%010ld.%06ld", (long)t.tv_sec, t.tv_nsec / 1000);
  memcpy(digits, text, STAMP_DIGITS);
}

static void sleep_until(double due) {
  struct timespec t = {(time_t)due, (long)((due - (time_t)due) * 1e9)};
  while (clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &t, NULL) == EINTR) {}
}

static int connected(const char *target) {
  struct sockaddr_in in = {.sin_family = AF_INET, .sin_addr = {htonl(INADDR_LOOPBACK)}};
  struct sockaddr_un un = {.sun_family = AF_UNIX};
  int tcp = !strncmp(target, "tcp:", 4) || !strncmp(target, "ilp:", 4), local = !strncmp(target, "unix:", 5);
  in.sin_port = htons(atoi(tcp ? target + 4 : target));
  if (local) strncpy(un.sun_path, target + 5, sizeof un.sun_path - 1);
  int s = socket(local ? AF_UNIX : AF_INET, tcp || local ? SOCK_STREAM : SOCK_DGRAM, 0);
  return connect(s, local ? (void *)&un : (void *)&in, local ? sizeof un : sizeof in) ? -1 : s;
}

/* Sends the datagrams from the first on; returns how many were sent, or -1. */
static int send_datagrams(int s, Datagram **d, int n) {
  static struct mmsghdr messages[BURST];
  static struct iovec parts[BURST];
  for (int i = 0; i < n; i++) {
    parts[i] = (struct iovec){d[i]->text, d[i]->length};
    messages[i].msg_hdr.msg_iov = &parts[i];
    messages[i].msg_hdr.msg_iovlen = 1;
  }
  return sendmmsg(s, messages, n, 0);
}

/* The same with lines, as many as fit into one write. */
static int send_lines(int s, Datagram **d, int n) {
  static char lines[WRITE];
  int length = 0, done = 0;
  for (; done < n && length + d[done]->length < WRITE; done++) {
    memcpy(lines + length, d[done]->text, d[done]->length);
    length += d[done]->length;
    lines[length++] = '\n';
  }
  for (int from = 0; from < length;) {
    int written = send(s, lines + from, length - from, MSG_NOSIGNAL);
    if (written < 0 && errno != EINTR) return -1;
    if (written > 0) from += written;
  }
  return done;
}

int main(int argc, char **argv) {
  if (argc != 7) return fprintf(stderr, "use: send PORT|tcp:PORT|unix:PATH|ilp:PORT COUNT RATE SEED SHAPE stamp|plain\n"), 2;
  long count = atol(argv[2]);
  double rate = atof(argv[3]);
  state = strtoull(argv[4], NULL, 10);
  const char *shape = argv[5];
  int stamp = !strcmp(argv[6], "stamp"), array = !strcmp(shape, "array"), ilp = !strncmp(argv[1], "ilp:", 4);
  int records = array ? ARRAY_RECORDS : 1, slot_count = array ? ARRAY_SLOTS : SLOTS;
  for (int i = 0; i < slot_count; i++) {
    end = buffer;
    if (!(ilp ? put_line_protocol : put_datagram)(&slots[i], shape))
      return fprintf(stderr, "there is no shape '%s' for %s\n", shape, argv[1]), 2;
    slots[i].length = end - buffer;
    slots[i].text = memcpy(malloc(end - buffer), buffer, end - buffer);
  }

  int s = connected(argv[1]), stream = strchr(argv[1], ':') != NULL, most = stream ? LINES : BURST;
  if (s < 0) return perror(argv[1]), 1;
  prctl(PR_SET_TIMERSLACK, 1000); /* nanoseconds: sleeps end when they should */

  static Datagram *burst_of[LINES];
  long datagrams = (count + records - 1) / records, sent = 0, sum_sensor_id = 0;
  double datagram_rate = rate / records, sum_temperature = 0;
  /* At a low rate a burst is what falls into a millisecond, so that the load is even. */
  int burst = datagram_rate > 0 && datagram_rate < 1000.0 * most ? 1 + (int)(datagram_rate / 1000) : most;
  double began = now(CLOCK_REALTIME), start = now(CLOCK_MONOTONIC);
  while (sent < datagrams) {
    int n = datagrams - sent < burst ? (int)(datagrams - sent) : burst;
    char digits[STAMP_DIGITS];
    if (stamp) digits_of_now(digits);
    for (int i = 0; i < n; i++) {
      Datagram *d = &slots[(sent + i) % slot_count];
      for (int k = 0; stamp && k < records; k++) memcpy(d->text + d->stamps[k], digits, STAMP_DIGITS);
      burst_of[i] = d;
    }
    int done = stream ? send_lines(s, burst_of, n) : send_datagrams(s, burst_of, n);
    if (done < 0 && (errno == EAGAIN || errno == ENOBUFS || errno == EINTR)) continue;
    if (done < 0) return fprintf(stderr, "%s: %s after %ld datagrams\n", argv[1], strerror(errno), sent), 1;
    for (int i = 0; i < done; i++, sent++) {
      sum_sensor_id += slots[sent % slot_count].sum_sensor_id;
      sum_temperature += slots[sent % slot_count].sum_temperature;
    }
    /* Behind its time it does not wait, and so catches up. */
    if (rate > 0 && start + sent / datagram_rate > now(CLOCK_MONOTONIC)) sleep_until(start + sent / datagram_rate);
  }
  double seconds = now(CLOCK_MONOTONIC) - start;
  printf("sent=%ld datagrams=%ld began=%.6f seconds=%.6f rate=%.0f sum_sensor_id=%ld sum_temperature=%.6f\n",
      sent * records, sent, began, seconds, sent * records / seconds, sum_sensor_id, sum_temperature);
}
