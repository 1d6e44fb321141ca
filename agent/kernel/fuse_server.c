/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "agent/kernel/fuse_server.h"

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <sched.h>
#include <semaphore.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/uio.h>
#include <time.h>
#include <unistd.h>

#include <linux/fuse.h>

#include "agent/base/descriptors.h"
#include "agent/kernel/modules.h"

#define TRANSFER ((size_t)128 * 1024) /* the most that the kernel reads or writes at once */
#define REQUEST_SIZE (TRANSFER + 4096)
#define ATTRIBUTES_S 60 /* nobody changes them behind the kernel's back */

struct fuse_server {
    const struct fuse_volume *volume;
    pthread_t thread;
    int fd;
    bool let_go;      /* only the thread still has it */
    sem_t ready;      /* the thread has begun, or cannot: */
    int error;        /* its errno, or 0 */
    atomic_bool over; /* nobody will mount it now */
    bool failed;
    struct failure failure; /* the first one */
    uint64_t size;          /* as a program may have set it */
    uint8_t *request, *data;
    char options[96]; /* of the mount */
};

/* Requests and answers are read and written whole; an answer that nobody waits for any more is no error. */
static void answer(const struct fuse_server *s, uint64_t unique, int error, const void *data, size_t size)
{
    struct fuse_out_header h = {.unique = unique, .error = -error};
    struct iovec parts[2] = {{&h, sizeof(h)}, {(void *)data, error ? 0 : size}};
    ssize_t written;

    h.len = (uint32_t)(sizeof(h) + parts[1].iov_len);
    do
        written = writev(s->fd, parts, 2);
    while (written < 0 && errno == EINTR);
}

static void answer_init(const struct fuse_server *s, uint64_t unique, const struct fuse_init_in *in)
{
    struct fuse_init_out out = {.major = FUSE_KERNEL_VERSION, .minor = FUSE_KERNEL_MINOR_VERSION};

    out.max_readahead = in->max_readahead;
    out.flags = in->flags & (FUSE_BIG_WRITES | FUSE_ASYNC_READ);
    out.max_background = 16;
    out.max_write = TRANSFER;
    out.time_gran = 1;
    answer(s, unique, in->major == FUSE_KERNEL_VERSION ? 0 : EPROTO, &out, sizeof(out));
}

static void answer_attributes(const struct fuse_server *s, uint64_t unique)
{
    struct fuse_attr_out out = {.attr_valid = ATTRIBUTES_S};

    out.attr.ino = FUSE_ROOT_ID;
    out.attr.size = s->size;
    out.attr.blocks = s->size / 512;
    out.attr.mode = S_IFREG | 0600;
    out.attr.nlink = 1;
    out.attr.blksize = 4096;
    answer(s, unique, 0, &out, sizeof(out));
}

static void note_failure(struct fuse_server *s, const struct failure *f)
{
    if (!s->failed)
        s->failure = *f;
    s->failed = true;
}

static void answer_read(struct fuse_server *s, uint64_t unique, const struct fuse_read_in *in)
{
    uint64_t end = s->volume->size, left = in->offset < end ? end - in->offset : 0;
    size_t size = in->size < left ? in->size : (size_t)left;
    struct failure f;

    if (size > TRANSFER)
        size = TRANSFER;
    if (s->volume->read(s->volume->arg, in->offset, s->data, size, &f)) {
        note_failure(s, &f);
        answer(s, unique, EIO, NULL, 0);
    } else {
        answer(s, unique, 0, s->data, size);
    }
}

static void answer_write(struct fuse_server *s, uint64_t unique, const struct fuse_write_in *in, const uint8_t *data,
                         size_t got)
{
    const struct fuse_write_out out = {.size = in->size};
    struct failure f;

    if (in->size > got || in->offset > s->volume->size || in->size > s->volume->size - in->offset) {
        answer(s, unique, ENOSPC, NULL, 0);
    } else if (s->volume->write(s->volume->arg, in->offset, data, in->size, &f)) {
        note_failure(s, &f);
        answer(s, unique, EIO, NULL, 0);
    } else {
        answer(s, unique, 0, &out, sizeof(out));
    }
}

/* resize2fs cuts a file that it has made smaller: the size is believed, the bytes stay. */
static void answer_set_attributes(struct fuse_server *s, uint64_t unique, const struct fuse_setattr_in *in)
{
    if (in->valid & FATTR_SIZE && in->size <= s->volume->size)
        s->size = in->size;
    answer_attributes(s, unique);
}

static void serve(struct fuse_server *s, size_t size)
{
    static const struct fuse_open_out opened = {.open_flags = FOPEN_KEEP_CACHE};
    static const struct fuse_statfs_out statfs_out = {.st = {.bsize = 4096, .namelen = 255, .frsize = 4096}};
    const struct fuse_in_header *h = (const void *)s->request;
    const void *body = s->request + sizeof(*h);

    switch (size < sizeof(*h) ? 0 : h->opcode) {
    case FUSE_INIT:
        answer_init(s, h->unique, body);
        return;
    case FUSE_GETATTR:
        answer_attributes(s, h->unique);
        return;
    case FUSE_SETATTR:
        answer_set_attributes(s, h->unique, body);
        return;
    case FUSE_OPEN:
        answer(s, h->unique, 0, &opened, sizeof(opened));
        return;
    case FUSE_READ:
        answer_read(s, h->unique, body);
        return;
    case FUSE_WRITE:
        answer_write(s, h->unique, body, (const uint8_t *)body + sizeof(struct fuse_write_in),
                     size - sizeof(*h) - sizeof(struct fuse_write_in));
        return;
    case FUSE_STATFS:
        answer(s, h->unique, 0, &statfs_out, sizeof(statfs_out));
        return;
    case FUSE_FLUSH:
    case FUSE_RELEASE:
    case FUSE_FSYNC:
    case FUSE_ACCESS:
        answer(s, h->unique, 0, NULL, 0);
        return;
    case 0: /* no whole request */
    case FUSE_FORGET:
    case FUSE_BATCH_FORGET:
    case FUSE_INTERRUPT:
        return;
    default:
        answer(s, h->unique, ENOSYS, NULL, 0);
    }
}

/* A killed thread that has the last hold on a file system over this volume writes to it before it lets go of what it
 * has open. So this thread has no mounts; but automation's root, which nobody can leave, and there none of those that
 * are made here, which are all below /run. */
static int leave_mounts(void)
{
    if (unshare(CLONE_NEWNS) || mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL))
        return -1;
    return umount2("/", MNT_DETACH) && umount2("/run", MNT_DETACH) ? -1 : 0;
}

/* The kernel gives up on an answer when the last descriptor for it is closed, and a thread that waits for one in a file
 * system over it does not end before, nor let go of what it has open. So nobody but this thread may have it. */
static int begin(const struct fuse_server *s)
{
    const struct disk_io *d = s->volume->disk;
    const int keep[] = {s->fd, d ? d->fd : -1, d ? d->direct_fd : -1};

    return d && (descriptors_unshare(keep, sizeof(keep) / sizeof(keep[0])) || leave_mounts()) ? errno : 0;
}

/* Before it is mounted the descriptor answers EPERM, after that is over ENODEV. */
static void *serve_all(void *arg)
{
    struct fuse_server *s = arg;
    int error = s->error = begin(s);

    sem_post(&s->ready);
    while (!error) {
        ssize_t n = read(s->fd, s->request, REQUEST_SIZE);
        if (n > 0)
            serve(s, (size_t)n);
        else if (n < 0 && errno == EPERM && !atomic_load(&s->over))
            nanosleep(&(struct timespec){.tv_nsec = 2000000}, NULL);
        else if (n == 0 || (errno != EINTR && errno != EAGAIN && errno != ENOENT))
            break;
    }
    return NULL;
}

void fuse_server_let_go(struct fuse_server *s)
{
    if (s->fd >= 0 && !s->let_go)
        close(s->fd);
    s->let_go = true;
}

static void release(struct fuse_server *s)
{
    fuse_server_let_go(s);
    sem_destroy(&s->ready);
    free(s->request);
    free(s->data);
    free(s);
}

static int start(struct fuse_server *s, const char *reason, struct failure *f)
{
    s->request = malloc(REQUEST_SIZE);
    s->data = malloc(TRANSFER);
    s->fd = open("/dev/fuse", O_RDWR | O_CLOEXEC);
    if (s->fd < 0 && modules_load("fuse"))
        s->fd = open("/dev/fuse", O_RDWR | O_CLOEXEC);
    if (s->fd < 0)
        return fail(f, reason, "/dev/fuse cannot be opened: %s", strerror(errno));
    snprintf(s->options, sizeof(s->options), "fd=%d,rootmode=100600,user_id=0,group_id=0", s->fd);
    if (!s->request || !s->data || pthread_create(&s->thread, NULL, serve_all, s))
        return fail(f, "out-of-memory", "no memory to show a volume as a file");
    while (sem_wait(&s->ready) && errno == EINTR)
        ;
    if (!s->error)
        return 0;
    pthread_join(s->thread, NULL);
    return fail(f, reason, "descriptors and mounts cannot be kept apart (Linux 5.9 or newer is needed): %s",
                strerror(s->error));
}

struct fuse_server *fuse_server_start(const struct fuse_volume *v, const char *reason, struct failure *f)
{
    struct fuse_server *s = calloc(1, sizeof(*s));

    if (!s) {
        fail(f, "out-of-memory", "no memory to show a volume as a file");
        return NULL;
    }
    s->volume = v;
    s->size = v->size;
    s->fd = -1;
    sem_init(&s->ready, 0, 0);
    if (!start(s, reason, f))
        return s;
    release(s);
    return NULL;
}

int fuse_server_mount(const struct fuse_server *s, const char *path)
{
    return mount("slipway", path, "fuse", MS_NOSUID | MS_NODEV, s->options);
}

int fuse_server_stop(struct fuse_server *s, struct failure *f)
{
    int result = 0;

    if (!s)
        return 0;
    atomic_store(&s->over, true);
    pthread_join(s->thread, NULL);
    if (s->failed) {
        *f = s->failure;
        result = -1;
    }
    release(s);
    return result;
}

int fuse_server_file(char ret[FUSE_PATH], const char *reason, struct failure *f)
{
    int fd;

    snprintf(ret, FUSE_PATH, "/run/slipway-volume-XXXXXX");
    fd = mkostemp(ret, O_CLOEXEC);
    if (fd < 0)
        return fail(f, reason, "a file in /run cannot be made: %s", strerror(errno));
    close(fd);
    return 0;
}
