/*
 * Loaded into every program of a test machine (/etc/ld.so.preload): counts the calls by which one program changes files in watched places, writes them
 * down, and at one of them does what /opt/faults/order says: kill the process, or fail with an error.
 *
 * Why not strace --inject: its counters know nothing of paths, so that a write to a pipe would shift every point that follows.
 */
#define _GNU_SOURCE
#include <dirent.h>
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <signal.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/types.h>
#include <sys/uio.h>
#include <unistd.h>

/* The file /opt/faults/order; fault-machine.ts writes it. */
struct order {
  uint32_t armed;   /* 0: nothing is counted */
  uint32_t point;   /* the call that it happens at, counted from 1; 0: none */
  int32_t error;    /* what that call fails with; 0: the process is killed */
  uint32_t lasting; /* 1: so do all that follow and are of the kinds below */
  uint32_t kinds;   /* bits of `enum kind`; others are never failed */
  uint32_t counted; /* calls so far */
  char program[16]; /* the file name of the program */
};

/* MAKE and FILL take space, NAME and KEEP do not. */
enum kind { MAKE = 1, FILL = 2, NAME = 4, KEEP = 8 };

static struct order *order;

static const char *const watched[] = {"/var/lib/dkms", "/var/cache/dkms-alpm", "/var/log/dkms-alpm", "/run/dkms-alpm", "/usr/lib/modules",
                                      "/usr/src",      "/etc/pacman.d/hooks",  "/tmp",               "/boot"};

__attribute__((constructor)) static void start(void)
{
  char exe[PATH_MAX];
  ssize_t length = readlink("/proc/self/exe", exe, sizeof exe - 1);
  if (length <= 0) return;
  exe[length] = 0;
  int file = syscall(SYS_openat, AT_FDCWD, "/opt/faults/order", O_RDWR | O_CLOEXEC);
  if (file < 0) return;
  struct order *found = mmap(NULL, sizeof *found, PROT_READ | PROT_WRITE, MAP_SHARED, file, 0);
  syscall(SYS_close, file);
  if (found == MAP_FAILED) return;
  if (found->armed && strcmp(strrchr(exe, '/') + 1, found->program) == 0) order = found;
}

static int is_watched(const char *path)
{
  for (size_t i = 0; i < sizeof watched / sizeof *watched; i++)
    if (strncmp(path, watched[i], strlen(watched[i])) == 0) return 1;
  return 0;
}

/* The absolute path of a name below a directory; of the descriptor itself when the name is NULL. 0: it is not watched. */
static int locate(int directory, const char *name, char *path)
{
  char link[64], at[PATH_MAX];
  if (name != NULL && name[0] == '/') return snprintf(path, PATH_MAX, "%s", name) > 0 && is_watched(path);
  if (directory == AT_FDCWD) snprintf(link, sizeof link, "/proc/self/cwd");
  else snprintf(link, sizeof link, "/proc/self/fd/%d", directory);
  ssize_t length = readlink(link, at, sizeof at - 1);
  if (length <= 0) return 0;
  at[length] = 0;
  if (name == NULL) snprintf(path, PATH_MAX, "%s", at);
  else if (snprintf(path, PATH_MAX, "%s/%s", at, name) < 0) return 0;
  /* The pipe of the job slots has no name. */
  static const char nameless[] = " (deleted)";
  size_t size = strlen(path), tail = sizeof nameless - 1;
  if (size > tail && strcmp(path + size - tail, nameless) == 0) return 0;
  return is_watched(path);
}

static void note(uint32_t number, const char *mark, const char *call, const char *path)
{
  char line[PATH_MAX + 64];
  int length = snprintf(line, sizeof line, "%u %s %s %s\n", number, mark, call, path);
  int file = syscall(SYS_openat, AT_FDCWD, "/opt/faults/log", O_WRONLY | O_APPEND | O_CLOEXEC);
  if (file < 0) return;
  syscall(SYS_write, file, line, length);
  syscall(SYS_close, file);
}

/* The error that a call is to fail with; 0: it goes on. `-1`: the process is to be killed. */
static int decide(enum kind kind, const char *call, int directory, const char *name)
{
  char path[PATH_MAX];
  if (order == NULL || !locate(directory, name, path)) return 0;
  uint32_t number = __atomic_add_fetch(&order->counted, 1, __ATOMIC_SEQ_CST);
  int hit = order->point != 0 && (number == order->point || (order->lasting && number > order->point && (order->kinds & kind)));
  const char letters[] = {[MAKE] = 'm', [FILL] = 'f', [NAME] = 'n', [KEEP] = 'k'};
  char mark[3] = {hit ? '!' : '.', letters[kind], 0};
  note(number, mark, call, path);
  if (!hit) return 0;
  return order->error == 0 ? -1 : order->error;
}

static void die(void)
{
  syscall(SYS_kill, syscall(SYS_getpid), SIGKILL);
  for (;;) pause();
}

static int fails(enum kind kind, const char *call, int directory, const char *name)
{
  int error = decide(kind, call, directory, name);
  if (error == 0) return 0;
  if (error < 0) die();
  errno = error;
  return 1;
}

#define REAL(name) ((__typeof__(&name))dlsym(RTLD_NEXT, #name))

static int changes(int flags) { return (flags & (O_CREAT | O_TRUNC)) != 0 || (flags & O_ACCMODE) != O_RDONLY; }

#define MODE                                   \
  mode_t mode = 0;                             \
  if (flags & (O_CREAT | O_TMPFILE)) {         \
    va_list list;                              \
    va_start(list, flags);                     \
    mode = va_arg(list, mode_t);               \
    va_end(list);                              \
  }

int open(const char *path, int flags, ...)
{
  MODE
  if (changes(flags) && fails(MAKE, "open", AT_FDCWD, path)) return -1;
  return syscall(SYS_openat, AT_FDCWD, path, flags, mode);
}

int open64(const char *path, int flags, ...)
{
  MODE
  if (changes(flags) && fails(MAKE, "open", AT_FDCWD, path)) return -1;
  return syscall(SYS_openat, AT_FDCWD, path, flags, mode);
}

int openat(int at, const char *path, int flags, ...)
{
  MODE
  if (changes(flags) && fails(MAKE, "open", at, path)) return -1;
  return syscall(SYS_openat, at, path, flags, mode);
}

int openat64(int at, const char *path, int flags, ...)
{
  MODE
  if (changes(flags) && fails(MAKE, "open", at, path)) return -1;
  return syscall(SYS_openat, at, path, flags, mode);
}

/* Who is killed while he writes has written a half. */
#define WRITE(half, whole)                                  \
  int error = decide(FILL, "write", file, NULL);            \
  if (error < 0) {                                          \
    (void)!(half);                                          \
    die();                                                  \
  }                                                         \
  if (error > 0) {                                          \
    errno = error;                                          \
    return -1;                                              \
  }                                                         \
  return whole;

ssize_t write(int file, const void *bytes, size_t size)
{
  WRITE(syscall(SYS_write, file, bytes, size / 2), syscall(SYS_write, file, bytes, size))
}

ssize_t pwrite64(int file, const void *bytes, size_t size, off64_t at)
{
  WRITE(syscall(SYS_pwrite64, file, bytes, size / 2, at), syscall(SYS_pwrite64, file, bytes, size, at))
}

ssize_t pwrite(int file, const void *bytes, size_t size, off_t at)
{
  WRITE(syscall(SYS_pwrite64, file, bytes, size / 2, at), syscall(SYS_pwrite64, file, bytes, size, at))
}

ssize_t writev(int file, const struct iovec *parts, int count)
{
  WRITE(syscall(SYS_writev, file, parts, count / 2), syscall(SYS_writev, file, parts, count))
}

/* libuv calls copy_file_range by its number, and only in this way. */
long syscall(long number, ...)
{
  long words[6];
  va_list list;
  va_start(list, number);
  for (int i = 0; i < 6; i++) words[i] = va_arg(list, long);
  va_end(list);
  static long (*real)(long, ...);
  if (real == NULL) real = (long (*)(long, ...))dlsym(RTLD_NEXT, "syscall");
  if (number == SYS_copy_file_range && order != NULL) {
    int error = decide(FILL, "copy_file_range", words[2], NULL);
    if (error < 0) {
      real(number, words[0], words[1], words[2], words[3], words[4] / 2, words[5]);
      die();
    }
    if (error > 0) {
      errno = error;
      return -1;
    }
  }
  return real(number, words[0], words[1], words[2], words[3], words[4], words[5]);
}

ssize_t sendfile64(int to, int from, off64_t *at, size_t size)
{
  int error = decide(FILL, "sendfile", to, NULL);
  if (error < 0) {
    REAL(sendfile64)(to, from, at, size / 2);
    die();
  }
  if (error > 0) {
    errno = error;
    return -1;
  }
  return REAL(sendfile64)(to, from, at, size);
}

#define CALL(kind, name, parameters, arguments, at, path) \
  int name parameters                                     \
  {                                                       \
    if (fails(kind, #name, at, path)) return -1;          \
    return REAL(name) arguments;                          \
  }

CALL(NAME, rename, (const char *from, const char *to), (from, to), AT_FDCWD, to)
CALL(NAME, renameat, (int from_at, const char *from, int to_at, const char *to), (from_at, from, to_at, to), to_at, to)
CALL(NAME, unlink, (const char *path), (path), AT_FDCWD, path)
CALL(NAME, unlinkat, (int at, const char *path, int flags), (at, path, flags), at, path)
CALL(NAME, rmdir, (const char *path), (path), AT_FDCWD, path)
CALL(NAME, remove, (const char *path), (path), AT_FDCWD, path)
CALL(MAKE, mkdir, (const char *path, mode_t mode), (path, mode), AT_FDCWD, path)
CALL(MAKE, mkdirat, (int at, const char *path, mode_t mode), (at, path, mode), at, path)
CALL(MAKE, symlink, (const char *text, const char *path), (text, path), AT_FDCWD, path)
CALL(MAKE, symlinkat, (const char *text, int at, const char *path), (text, at, path), at, path)
CALL(MAKE, link, (const char *from, const char *to), (from, to), AT_FDCWD, to)
CALL(MAKE, linkat, (int a, const char *from, int b, const char *to, int flags), (a, from, b, to, flags), b, to)
CALL(MAKE, mkfifo, (const char *path, mode_t mode), (path, mode), AT_FDCWD, path)
CALL(KEEP, chmod, (const char *path, mode_t mode), (path, mode), AT_FDCWD, path)
CALL(KEEP, fchmod, (int file, mode_t mode), (file, mode), file, NULL)
CALL(KEEP, chown, (const char *path, uid_t u, gid_t g), (path, u, g), AT_FDCWD, path)
CALL(KEEP, lchown, (const char *path, uid_t u, gid_t g), (path, u, g), AT_FDCWD, path)
CALL(KEEP, fchown, (int file, uid_t u, gid_t g), (file, u, g), file, NULL)
CALL(KEEP, utimensat, (int at, const char *path, const struct timespec t[2], int flags), (at, path, t, flags), at, path)
CALL(KEEP, futimens, (int file, const struct timespec t[2]), (file, t), file, NULL)
CALL(FILL, ftruncate64, (int file, off64_t size), (file, size), file, NULL)
CALL(FILL, fsync, (int file), (file), file, NULL)
CALL(FILL, fdatasync, (int file), (file), file, NULL)

char *mkdtemp(char *template)
{
  if (fails(MAKE, "mkdtemp", AT_FDCWD, template)) return NULL;
  return REAL(mkdtemp)(template);
}

int mkostemp(char *template, int flags)
{
  if (fails(MAKE, "mkostemp", AT_FDCWD, template)) return -1;
  return REAL(mkostemp)(template, flags);
}
