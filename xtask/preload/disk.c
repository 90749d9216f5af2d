/*
 * A disk that is watched, and that fails when it is told to. For tests only: `cargo xtask` compiles
 * it, and the program under test loads it with LD_PRELOAD.
 *
 * DISK_FOLDER   the folder whose files it is about
 * DISK_JOURNAL  where each call that changed something is written down (crates/workload, Journal)
 * DISK_CONTROL  a file of five 32-bit numbers that both sides see:
 *                 0  what goes wrong (enum fault); 0: nothing
 *                 1  at which call: it counts down to 1; calls that the fault is not about are free
 *                 2  how often it went wrong
 *                 3  1: it goes on going wrong
 *                 4  how many calls it could have gone wrong at
 *
 * One lock is held over each call and its record, so the order of the records is the order in
 * which the disk was told.
 */

#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/uio.h>
#include <unistd.h>

enum fault {
    NOTHING = 0,
    WRITE_FAILS = 1,    /* EIO on a write */
    NO_SPACE = 2,       /* ENOSPC on a write */
    SHORT_WRITE = 3,    /* half of a write, then ENOSPC */
    SYNC_FAILS = 4,     /* EIO on a sync */
    READ_FAILS = 5,     /* EIO on a read */
    FULL = 6,           /* ENOSPC on what makes a file longer */
    HANGS = 7,          /* writes and syncs wait until nothing is wrong any more */
    TRUNCATE_FAILS = 8, /* EIO on giving a file a length */
    OPEN_FAILS = 9,     /* EIO on opening a file */
};

#define MOST 4096

struct name {
    char path[256];
    uint32_t file;
};

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static char folder[512];
static int journal = -1;
static volatile uint32_t *control;
/* By descriptor: 0 is none of ours, 1 the folder itself, 2 a file that is not written down. */
static uint32_t files[MOST];
/* The files by their paths. */
static struct name names[64];
static uint32_t next_file = 10;

static int (*real_open)(const char *, int, ...);
static int (*real_openat)(int, const char *, int, ...);
static int (*real_close)(int);
static ssize_t (*real_write)(int, const void *, size_t);
static ssize_t (*real_pwrite)(int, const void *, size_t, off64_t);
static ssize_t (*real_pread)(int, void *, size_t, off64_t);
static ssize_t (*real_read)(int, void *, size_t);
static int (*real_ftruncate)(int, off64_t);
static int (*real_fsync)(int);
static int (*real_fdatasync)(int);
static int (*real_unlink)(const char *);

static void *find(const char *name) {
    void *found = dlsym(RTLD_NEXT, name);
    if (!found) {
        fprintf(stderr, "disk: no %s\n", name);
        abort();
    }
    return found;
}

static void record(char kind, uint32_t file, uint64_t offset, const void *payload, size_t length) {
    unsigned char head[24] = {0};
    uint32_t size = (uint32_t)length;
    struct iovec parts[2] = {{head, sizeof head}, {(void *)payload, length}};
    if (journal < 0)
        return;
    head[0] = (unsigned char)kind;
    memcpy(head + 4, &file, 4);
    memcpy(head + 8, &offset, 8);
    memcpy(head + 16, &size, 4);
    /* One append: it cannot be torn by the records of other processes. */
    if (writev(journal, parts, 2) != (ssize_t)(sizeof head + length)) {
        fprintf(stderr, "disk: the journal cannot be written\n");
        abort();
    }
}

__attribute__((constructor)) static void begin(void) {
    const char *path;
    real_open = find("open64");
    real_openat = find("openat64");
    real_close = find("close");
    real_write = find("write");
    real_pwrite = find("pwrite64");
    real_pread = find("pread64");
    real_read = find("read");
    real_ftruncate = find("ftruncate64");
    real_fsync = find("fsync");
    real_fdatasync = find("fdatasync");
    real_unlink = find("unlink");
    path = getenv("DISK_FOLDER");
    if (!path || strlen(path) >= sizeof folder) {
        fprintf(stderr, "disk: DISK_FOLDER names no folder\n");
        abort();
    }
    strcpy(folder, path);
    path = getenv("DISK_JOURNAL");
    if (path)
        journal = real_open(path, O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC, 0600);
    path = getenv("DISK_CONTROL");
    if (path) {
        int file = real_open(path, O_RDWR | O_CLOEXEC);
        void *memory = mmap(NULL, 20, PROT_READ | PROT_WRITE, MAP_SHARED, file, 0);
        if (file < 0 || memory == MAP_FAILED) {
            fprintf(stderr, "disk: DISK_CONTROL cannot be shared\n");
            abort();
        }
        control = memory;
    }
    record('P', 0, 0, "", 0);
}

static int ends_with(const char *text, const char *end) {
    size_t length = strlen(text), rest = strlen(end);
    return length >= rest && strcmp(text + length - rest, end) == 0;
}

/* What a path is to us: 0 nothing, 1 the folder, 2 a file, 3 a file that is not written down. */
static int kind_of(const char *path) {
    size_t length = strlen(folder);
    if (strncmp(path, folder, length) != 0)
        return 0;
    if (path[length] == 0)
        return 1;
    if (path[length] != '/')
        return 0;
    /* The shared memory of SQLite is made anew after a crash; a lock has no content. */
    return ends_with(path, "-shm") || ends_with(path, ".lock") ? 3 : 2;
}

static struct name *name_of(const char *path) {
    struct name *free_one = NULL;
    for (size_t at = 0; at < sizeof names / sizeof *names; at++) {
        if (names[at].file && strcmp(names[at].path, path) == 0)
            return &names[at];
        if (!names[at].file && !free_one)
            free_one = &names[at];
    }
    if (!free_one || strlen(path) >= sizeof free_one->path) {
        fprintf(stderr, "disk: too many files, or too long a path\n");
        abort();
    }
    strcpy(free_one->path, path);
    free_one->file = next_file++;
    return free_one;
}

static uint32_t file_of(int fd) {
    return fd >= 0 && fd < MOST ? files[fd] : 0;
}

/* Whether the call at hand goes wrong. The lock is held. */
static int strikes(void) {
    control[4]++;
    if (control[1] > 1) {
        control[1]--;
        return 0;
    }
    if (control[1] == 0)
        return 0;
    control[2]++;
    if (!control[3])
        control[1] = 0;
    return 1;
}

static int is(enum fault fault) {
    return control && control[0] == (uint32_t)fault;
}

/* The lock must not be held. */
static void hang(int fd) {
    if (file_of(fd) == 0 || !is(HANGS))
        return;
    control[2]++;
    while (is(HANGS))
        usleep(5000);
}

static int fail(int error) {
    errno = error;
    return -1;
}

static int opened(int fd, const char *path, int was_there) {
    int kind = kind_of(path);
    if (fd < 0 || fd >= MOST || kind == 0)
        return fd;
    if (kind == 2) {
        struct name *name = name_of(path);
        files[fd] = name->file;
        record('O', name->file, was_there ? 0 : 1, path, strlen(path));
    } else {
        files[fd] = kind == 1 ? 1 : 2;
    }
    return fd;
}

static int open_any(int at, const char *path, int flags, mode_t mode) {
    int fd, there, error;
    if (kind_of(path) == 0)
        return at == AT_FDCWD ? real_open(path, flags, mode) : real_openat(at, path, flags, mode);
    pthread_mutex_lock(&lock);
    if (is(OPEN_FAILS) && strikes()) {
        pthread_mutex_unlock(&lock);
        return fail(EIO);
    }
    there = access(path, F_OK) == 0;
    fd = real_openat(at, path, flags, mode);
    error = errno;
    fd = opened(fd, path, there);
    pthread_mutex_unlock(&lock);
    errno = error;
    return fd;
}

#define MODE(flags)                                                                                \
    mode_t mode = 0;                                                                               \
    if ((flags) & (O_CREAT | O_TMPFILE)) {                                                         \
        va_list rest;                                                                              \
        va_start(rest, flags);                                                                     \
        mode = va_arg(rest, mode_t);                                                               \
        va_end(rest);                                                                              \
    }

int open(const char *path, int flags, ...) {
    MODE(flags)
    return open_any(AT_FDCWD, path, flags, mode);
}

int open64(const char *path, int flags, ...) {
    MODE(flags)
    return open_any(AT_FDCWD, path, flags | O_LARGEFILE, mode);
}

int openat(int at, const char *path, int flags, ...) {
    MODE(flags)
    return open_any(at, path, flags, mode);
}

int openat64(int at, const char *path, int flags, ...) {
    MODE(flags)
    return open_any(at, path, flags | O_LARGEFILE, mode);
}

int close(int fd) {
    pthread_mutex_lock(&lock);
    if (fd >= 0 && fd < MOST)
        files[fd] = 0;
    pthread_mutex_unlock(&lock);
    return real_close(fd);
}

static off64_t length_of(int fd) {
    struct stat found;
    return fstat(fd, &found) == 0 ? (off64_t)found.st_size : 0;
}

/* Writes at an offset; -1: at the position of the descriptor. */
static ssize_t write_any(int fd, const void *bytes, size_t length, off64_t offset) {
    int moves = offset < 0;
    size_t part = length;
    int error = 0;
    ssize_t written;
    hang(fd);
    pthread_mutex_lock(&lock);
    if (moves)
        offset = lseek64(fd, 0, SEEK_CUR);
    if (is(WRITE_FAILS) && strikes())
        error = EIO;
    else if (is(NO_SPACE) && strikes())
        error = ENOSPC;
    else if (is(SHORT_WRITE) && strikes())
        part = length / 2;
    else if (is(FULL) && offset + (off64_t)length > length_of(fd) && strikes())
        error = ENOSPC;
    if (error || part == 0) {
        pthread_mutex_unlock(&lock);
        return fail(error ? error : ENOSPC);
    }
    written = moves ? real_write(fd, bytes, part) : real_pwrite(fd, bytes, part, offset);
    error = errno;
    if (written > 0 && file_of(fd) >= 10)
        record('W', file_of(fd), (uint64_t)offset, bytes, (size_t)written);
    if (part < length && control) {
        /* The rest of it fails, too. */
        control[0] = NO_SPACE;
        control[1] = 1;
    }
    pthread_mutex_unlock(&lock);
    errno = error;
    return written;
}

ssize_t write(int fd, const void *bytes, size_t length) {
    if (file_of(fd) < 2)
        return real_write(fd, bytes, length);
    return write_any(fd, bytes, length, -1);
}

ssize_t pwrite64(int fd, const void *bytes, size_t length, off64_t offset) {
    if (file_of(fd) < 2)
        return real_pwrite(fd, bytes, length, offset);
    return write_any(fd, bytes, length, offset);
}

ssize_t pwrite(int fd, const void *bytes, size_t length, off_t offset) {
    return pwrite64(fd, bytes, length, offset);
}

static int read_fails(int fd) {
    int fails;
    if (file_of(fd) < 2 || !is(READ_FAILS))
        return 0;
    pthread_mutex_lock(&lock);
    fails = strikes();
    pthread_mutex_unlock(&lock);
    return fails;
}

ssize_t pread64(int fd, void *bytes, size_t length, off64_t offset) {
    if (read_fails(fd))
        return fail(EIO);
    return real_pread(fd, bytes, length, offset);
}

ssize_t pread(int fd, void *bytes, size_t length, off_t offset) {
    return pread64(fd, bytes, length, offset);
}

ssize_t read(int fd, void *bytes, size_t length) {
    if (read_fails(fd))
        return fail(EIO);
    return real_read(fd, bytes, length);
}

int ftruncate64(int fd, off64_t length) {
    int done, error;
    if (file_of(fd) < 2)
        return real_ftruncate(fd, length);
    hang(fd);
    pthread_mutex_lock(&lock);
    if ((is(TRUNCATE_FAILS) || is(WRITE_FAILS)) && strikes()) {
        pthread_mutex_unlock(&lock);
        return fail(EIO);
    }
    done = real_ftruncate(fd, length);
    error = errno;
    if (done == 0 && file_of(fd) >= 10)
        record('T', file_of(fd), (uint64_t)length, "", 0);
    pthread_mutex_unlock(&lock);
    errno = error;
    return done;
}

int ftruncate(int fd, off_t length) {
    return ftruncate64(fd, length);
}

static int sync_any(int fd, int (*sync)(int)) {
    int done, error;
    if (file_of(fd) == 0)
        return sync(fd);
    hang(fd);
    pthread_mutex_lock(&lock);
    if (is(SYNC_FAILS) && strikes()) {
        pthread_mutex_unlock(&lock);
        return fail(EIO);
    }
    done = sync(fd);
    error = errno;
    if (done == 0 && file_of(fd) != 2)
        record(file_of(fd) == 1 ? 'N' : 'S', file_of(fd), 0, "", 0);
    pthread_mutex_unlock(&lock);
    errno = error;
    return done;
}

int fsync(int fd) {
    return sync_any(fd, real_fsync);
}

int fdatasync(int fd) {
    return sync_any(fd, real_fdatasync);
}

int unlink(const char *path) {
    int done, error;
    if (kind_of(path) != 2)
        return real_unlink(path);
    pthread_mutex_lock(&lock);
    done = real_unlink(path);
    error = errno;
    if (done == 0) {
        name_of(path)->file = 0;
        record('D', 0, 0, path, strlen(path));
    }
    pthread_mutex_unlock(&lock);
    errno = error;
    return done;
}

/* What a store never does, and what would not be written down if it did. */
int rename(const char *from, const char *to) {
    int (*real)(const char *, const char *) = find("rename");
    if (kind_of(from) || kind_of(to)) {
        fprintf(stderr, "disk: rename is not watched\n");
        abort();
    }
    return real(from, to);
}
