/*
 * Faults of a disk for the process that this library is preloaded into: writes and syncs of chosen
 * files fail, fail half done, or take long. Nothing else of the process is touched.
 *
 *     cc -O2 -shared -fPIC -o faults.so faults.c
 *     LD_PRELOAD=./faults.so FAULTS='fsync *.ndjson STALL=20000 1000000' java ...
 *
 * FAULTS        rules, separated by ';', each of four words: CALL PATTERN FAULT RATE
 *   CALL        write (also pwrite and writev), fsync (also fdatasync), or truncate (ftruncate)
 *   PATTERN     of fnmatch, for the path of the file, where '*' also stands for '/'
 *   FAULT       EIO or ENOSPC: the call fails, and does nothing
 *               TORN: a write does half of its work, and the next one of the file in the same
 *               thread, for the rest, fails with ENOSPC
 *               STALL=MILLIS: the call waits before it does its work
 *   RATE        of a million calls that the rule is for, how many it strikes
 * FAULTS_SEED   the same seed chooses the same calls: the first, the fifth and so on of a rule
 * FAULTS_SWITCH a file; if it is set, the rules are for calls only while there is such a file
 * FAULTS_COUNT  a file, which is made: for each rule the numbers of the calls it was for and of those
 *               it struck, of 8 bytes each
 *
 * The first rule that strikes counts. The path of a descriptor is looked up at each call, since
 * descriptors are used again. The calls themselves are made through syscall(), so that nothing must
 * be looked up that may not be there yet when the first write comes.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <fnmatch.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <time.h>
#include <unistd.h>

#if !defined(__linux__) || !defined(__LP64__)
#error "expected Linux with 64 bits"
#endif

enum call { WRITE, FSYNC, TRUNCATE };
enum fault { FAIL, TORN, STALL };

struct rule {
  enum call call;
  char pattern[256];
  enum fault fault;
  int error;
  long millis;
  uint64_t rate;
};

#define MOST_RULES 32
static struct rule rules[MOST_RULES];
static int rule_count;
static uint64_t seed;
static const char *switch_file;
static uint64_t unseen[2 * MOST_RULES];
static uint64_t *counts = unseen;
static __thread int torn_descriptor = -1;

static void refuse(const char *what, const char *value) {
  fprintf(stderr, "faults: %s: '%s'\n", what, value);
  abort();
}

static void parse(const char *text) {
  struct rule *rule = &rules[rule_count];
  char call[16], fault[32];
  if (rule_count == MOST_RULES) refuse("too many rules at", text);
  if (sscanf(text, "%15s %255s %31s %lu", call, rule->pattern, fault, &rule->rate) != 4)
    refuse("expected CALL PATTERN FAULT RATE", text);
  if (!strcmp(call, "write")) rule->call = WRITE;
  else if (!strcmp(call, "fsync")) rule->call = FSYNC;
  else if (!strcmp(call, "truncate")) rule->call = TRUNCATE;
  else refuse("expected write, fsync or truncate", call);
  if (!strcmp(fault, "EIO")) rule->error = EIO;
  else if (!strcmp(fault, "ENOSPC")) rule->error = ENOSPC;
  else if (!strcmp(fault, "TORN") && rule->call == WRITE) rule->fault = TORN;
  else if (sscanf(fault, "STALL=%ld", &rule->millis) == 1) rule->fault = STALL;
  else refuse("expected EIO, ENOSPC, STALL=MILLIS, or TORN for a write", fault);
  rule_count++;
}

static void map_counts(const char *file) {
  int descriptor = open(file, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
  size_t size = 16 * (size_t) rule_count;
  if (descriptor < 0 || syscall(SYS_ftruncate, descriptor, size)) refuse("cannot make", file);
  void *memory = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_SHARED, descriptor, 0);
  if (memory == MAP_FAILED) refuse("cannot map", file);
  counts = memory; /* what the kernel has of it outlives a kill */
  close(descriptor);
}

__attribute__((constructor)) static void read_environment(void) {
  const char *text = getenv("FAULTS"), *chosen = getenv("FAULTS_SEED"), *file = getenv("FAULTS_COUNT");
  switch_file = getenv("FAULTS_SWITCH");
  seed = chosen ? strtoull(chosen, NULL, 10) : 0;
  if (!text) return;
  char *copy = strdup(text), *rest = NULL;
  for (char *one = strtok_r(copy, ";", &rest); one; one = strtok_r(NULL, ";", &rest)) parse(one);
  free(copy);
  if (file && rule_count > 0) map_counts(file);
}

/* The finalizer of splitmix64 (Steele, Lea, Flood: Fast splittable pseudorandom number generators). */
static uint64_t mix(uint64_t z) {
  z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9u;
  z = (z ^ (z >> 27)) * 0x94d049bb133111ebu;
  return z ^ (z >> 31);
}

/* Returns the rule that strikes this call; NULL if none does. */
static const struct rule *strikes(enum call call, int descriptor) {
  char link[32], path[4096];
  if (rule_count == 0 || (switch_file && access(switch_file, F_OK))) return NULL;
  snprintf(link, sizeof link, "/proc/self/fd/%d", descriptor);
  ssize_t length = readlink(link, path, sizeof path - 1);
  if (length <= 0 || path[0] != '/') return NULL; /* a socket or a pipe */
  path[length] = 0;
  for (int i = 0; i < rule_count; i++) {
    if (rules[i].call != call || fnmatch(rules[i].pattern, path, 0)) continue;
    uint64_t number = __atomic_add_fetch(&counts[2 * i], 1, __ATOMIC_RELAXED);
    uint64_t random = mix(seed + mix((uint64_t) i << 48 | number));
    if (random % 1000000 < rules[i].rate) {
      __atomic_add_fetch(&counts[2 * i + 1], 1, __ATOMIC_RELAXED);
      return &rules[i];
    }
  }
  return NULL;
}

static void stall(long millis) {
  struct timespec left = {millis / 1000, millis % 1000 * 1000000};
  while (nanosleep(&left, &left) && errno == EINTR) {
  }
}

/* Does to a call what a rule says. Returns 0 if the call is to be done then; -1, with errno, if it fails. */
static int strike(const struct rule *rule, int kept) {
  if (rule && rule->fault == STALL) stall(rule->millis);
  errno = rule && rule->fault == FAIL ? rule->error : kept;
  return rule && rule->fault == FAIL ? -1 : 0;
}

/* Returns how much of a write of a size is to be done; -1, with errno, if it fails. */
static ssize_t allowed(int descriptor, size_t size) {
  int kept = errno;
  int torn = torn_descriptor;
  torn_descriptor = -1;
  if (torn >= 0 && torn == descriptor) {
    errno = ENOSPC;
    return -1;
  }
  const struct rule *rule = strikes(WRITE, descriptor);
  if (rule && rule->fault == TORN) torn_descriptor = descriptor;
  if (strike(rule, kept)) return -1;
  return rule && rule->fault == TORN ? (ssize_t) (size + 1) / 2 : (ssize_t) size;
}

/* Returns 0 if the call is to be done; -1, with errno, if it fails. */
static int permitted(enum call call, int descriptor) {
  int kept = errno;
  return strike(strikes(call, descriptor), kept);
}

ssize_t write(int descriptor, const void *bytes, size_t size) {
  ssize_t most = allowed(descriptor, size);
  return most < 0 ? -1 : syscall(SYS_write, descriptor, bytes, most);
}

ssize_t pwrite(int descriptor, const void *bytes, size_t size, off_t offset) {
  ssize_t most = allowed(descriptor, size);
  return most < 0 ? -1 : syscall(SYS_pwrite64, descriptor, bytes, most, offset);
}

ssize_t writev(int descriptor, const struct iovec *parts, int count) {
  size_t size = 0;
  for (int i = 0; i < count; i++) size += parts[i].iov_len;
  ssize_t most = allowed(descriptor, size);
  if (most < 0) return -1;
  if ((size_t) most == size) return syscall(SYS_writev, descriptor, parts, count);
  return syscall(SYS_write, descriptor, parts[0].iov_base, parts[0].iov_len); /* the first part */
}

int fsync(int descriptor) {
  return permitted(FSYNC, descriptor) ? -1 : syscall(SYS_fsync, descriptor);
}

int fdatasync(int descriptor) {
  return permitted(FSYNC, descriptor) ? -1 : syscall(SYS_fdatasync, descriptor);
}

int ftruncate(int descriptor, off_t length) {
  return permitted(TRUNCATE, descriptor) ? -1 : syscall(SYS_ftruncate, descriptor, length);
}

#ifdef __GLIBC__ /* in others these are macros, if there is such a thing */
ssize_t pwrite64(int descriptor, const void *bytes, size_t size, off64_t offset) {
  return pwrite(descriptor, bytes, size, offset);
}

int ftruncate64(int descriptor, off64_t length) {
  return ftruncate(descriptor, length);
}
#endif
