/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A store in a directory, laid out as docs/image-format.md says. A file appears under its name only when it is whole,
 * and a manifest only when everything it needs is on the medium. */
#include "agent/image/store_kind.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <sys/stat.h>

#include "agent/base/buffer.h"

#define PATH_SIZE 256
#define CHUNKS "chunks.castr"

struct store_dir {
    int fd;
    char path[512];
};

void *store_dir_open(const char *directory, struct failure *f)
{
    struct store_dir *s = malloc(sizeof(*s));

    if (!s) {
        fail(f, "out-of-memory", "no memory for the store %s", directory);
        return NULL;
    }
    snprintf(s->path, sizeof(s->path), "%s", directory);
    s->fd = open(directory, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (s->fd >= 0)
        return s;
    fail(f, "server", "the store %s cannot be opened: %s", directory, strerror(errno));
    free(s);
    return NULL;
}

static void dir_close(void *self)
{
    struct store_dir *s = self;

    close(s->fd);
    free(s);
}

static int dir_fail(const struct store_dir *s, const char *doing, const char *path, struct failure *f)
{
    const char *reason = errno == ENOSPC || errno == EDQUOT ? "store-full" : "server";

    return fail(f, reason, "%s/%s: %s: %s", s->path, path, doing, strerror(errno));
}

static int dir_missing(void *self, const uint8_t (*ids)[CHUNK_ID_SIZE], size_t count, bool *ret_missing,
                       struct failure *f)
{
    struct store_dir *s = self;
    char path[PATH_SIZE] = CHUNKS "/";

    for (size_t i = 0; i < count; i++) {
        store_chunk_path(ids[i], path + strlen(CHUNKS) + 1);
        ret_missing[i] = faccessat(s->fd, path, F_OK, 0) != 0;
        if (ret_missing[i] && errno != ENOENT)
            return dir_fail(s, "look-up", path, f);
    }
    return 0;
}

/* Makes the directories above the last part of `path`. */
static int make_parents(const struct store_dir *s, const char *path)
{
    char part[PATH_SIZE];

    for (const char *slash = strchr(path, '/'); slash; slash = strchr(slash + 1, '/')) {
        snprintf(part, sizeof(part), "%.*s", (int)(slash - path), path);
        if (mkdirat(s->fd, part, 0755) && errno != EEXIST)
            return -1;
    }
    return 0;
}

static int write_all(int fd, const uint8_t *data, size_t size)
{
    while (size) {
        ssize_t n = write(fd, data, size);
        if (n < 0 && errno == EINTR)
            continue;
        if (n <= 0)
            return -1;
        data += n;
        size -= (size_t)n;
    }
    return 0;
}

/* Opens a file of a name that nobody else uses, beside `path`. */
static int open_temporary(const struct store_dir *s, const char *path, char ret[PATH_SIZE])
{
    static _Atomic unsigned serial;
    int fd;

    snprintf(ret, PATH_SIZE, "%s.%ld-%u.tmp", path, (long)getpid(), serial++);
    fd = openat(s->fd, ret, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0644);
    if (fd < 0 && errno == ENOENT && !make_parents(s, path))
        fd = openat(s->fd, ret, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0644);
    return fd;
}

/* `exclusive`: a file of that name that is there already stays, and errno is EEXIST. */
static int write_file(const struct store_dir *s, const char *path, const void *data, size_t size, bool exclusive)
{
    char temporary[PATH_SIZE];
    int fd = open_temporary(s, path, temporary), result, error;

    if (fd < 0)
        return -1;
    result = write_all(fd, data, size);
    if (!result && exclusive)
        result = fsync(fd);
    error = errno;
    if (close(fd) && !result) {
        result = -1;
        error = errno;
    }
    if (!result) {
        result = exclusive ? linkat(s->fd, temporary, s->fd, path, 0) : renameat(s->fd, temporary, s->fd, path);
        error = errno;
    }
    if (result || exclusive)
        unlinkat(s->fd, temporary, 0);
    errno = error;
    return result;
}

static int dir_put_chunk(void *self, const uint8_t id[CHUNK_ID_SIZE], const void *frame, size_t size, struct failure *f)
{
    struct store_dir *s = self;
    char path[PATH_SIZE] = CHUNKS "/";

    store_chunk_path(id, path + strlen(path));
    return write_file(s, path, frame, size, false) ? dir_fail(s, "write", path, f) : 0;
}

static int dir_put_chunks(void *self, const struct chunk_batch *b, struct failure *f)
{
    const uint8_t *id, *frame;
    size_t at = 0, size;

    while (chunk_batch_next(b, &at, &id, &frame, &size))
        if (dir_put_chunk(self, id, frame, size, f))
            return -1;
    return 0;
}

static int read_path(const struct store_dir *s, const char *path, size_t limit, struct buffer *ret)
{
    int fd = openat(s->fd, path, O_RDONLY | O_CLOEXEC), error;
    bool done;

    if (fd < 0)
        return -1;
    done = buffer_read_fd(ret, fd, limit);
    error = errno;
    close(fd);
    errno = error;
    return done ? 0 : -1;
}

static int dir_get_chunk(void *self, const uint8_t id[CHUNK_ID_SIZE], struct buffer *ret, struct failure *f)
{
    struct store_dir *s = self;
    char path[PATH_SIZE] = CHUNKS "/";

    store_chunk_path(id, path + strlen(path));
    if (!read_path(s, path, STORE_CHUNK_MAX, ret))
        return 0;
    if (errno != ENOENT && errno != EFBIG)
        return dir_fail(s, "read", path, f);
    return fail(f, "bad-chunk", "%s/%s: %s", s->path, path, strerror(errno));
}

static int dir_put_file(void *self, const char *image, const char *file, const void *data, size_t size,
                        struct failure *f)
{
    struct store_dir *s = self;
    bool manifest = !strcmp(file, "manifest.json");
    char path[PATH_SIZE];

    snprintf(path, sizeof(path), "images/%s/%s", image, file);
    /* Once the manifest is there the image counts: everything before it must survive a power cut. */
    if (manifest && syncfs(s->fd))
        return dir_fail(s, "flush", path, f);
    if (write_file(s, path, data, size, manifest)) {
        if (manifest && errno == EEXIST)
            return fail(f, "image-exists", "image %s exists already in %s", image, s->path);
        return dir_fail(s, "write", path, f);
    }
    return manifest && syncfs(s->fd) ? dir_fail(s, "flush", path, f) : 0;
}

static int dir_get_file(void *self, const char *image, const char *file, struct buffer *ret, struct failure *f)
{
    struct store_dir *s = self;
    char path[PATH_SIZE];

    snprintf(path, sizeof(path), "images/%s/%s", image, file);
    if (!read_path(s, path, STORE_FILE_MAX, ret))
        return 0;
    if (errno != ENOENT)
        return dir_fail(s, "read", path, f);
    if (strcmp(file, "manifest.json"))
        return fail(f, "bad-image", "image %s has no file %s", image, file);
    return fail(f, "no-such-image", "there is no image %s in %s", image, s->path);
}

const struct store_kind store_dir_kind = {
    .close = dir_close,
    .missing = dir_missing,
    .put_chunk = dir_put_chunk,
    .put_chunks = dir_put_chunks,
    .get_chunk = dir_get_chunk,
    .put_file = dir_put_file,
    .get_file = dir_get_file,
};
