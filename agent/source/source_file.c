/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A local file as a source. A split set (NAME.img, NAME.002, NAME.003, ...) is one file when its first is named. */
#include "agent/source/source_kind.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <sys/stat.h>

#include "agent/image/split_name.h"

struct part {
    int fd;
    uint64_t start, size;
};

struct source_file {
    char *path;
    struct part *parts;
    unsigned count;
    uint64_t position, size;
};

static void file_close(void *self)
{
    struct source_file *s = self;

    for (unsigned i = 0; i < s->count; i++)
        close(s->parts[i].fd);
    free(s->parts);
    free(s->path);
    free(s);
}

/* Returns 1 when there is no such file. */
static int add_part(struct source_file *s, const char *path, struct failure *f)
{
    struct part *parts = realloc(s->parts, (s->count + 1) * sizeof(*parts));
    struct stat st;
    int fd;

    if (!parts)
        return fail(f, "out-of-memory", "no memory to read %.200s", path);
    s->parts = parts;
    fd = open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0 && errno == ENOENT)
        return 1;
    if (fd < 0)
        return fail(f, "disk-error", "%.200s: cannot be opened: %s", path, strerror(errno));
    if (fstat(fd, &st) || !S_ISREG(st.st_mode)) {
        close(fd);
        return fail(f, "disk-error", "%.200s is no file", path);
    }
    parts[s->count++] = (struct part){fd, s->size, (uint64_t)st.st_size};
    s->size += (uint64_t)st.st_size;
    return 0;
}

static int add_further_parts(struct source_file *s, struct failure *f)
{
    char path[4096];
    int result = 0;

    while (!result && split_name_format(s->path, s->count + 1, path, sizeof(path)))
        result = add_part(s, path, f);
    return result < 0 ? -1 : 0;
}

static void *file_open(const char *where, const struct progress *p, uint64_t *ret_size, struct failure *f)
{
    struct source_file *s = calloc(1, sizeof(*s));
    int result;

    (void)p;
    if (!s || !(s->path = strdup(where))) {
        free(s);
        fail(f, "out-of-memory", "no memory to read %.200s", where);
        return NULL;
    }
    result = add_part(s, where, f);
    if (result == 1)
        fail(f, "no-such-image", "there is no file %.200s", where);
    if (!result)
        result = add_further_parts(s, f);
    if (!result) {
        *ret_size = s->size;
        return s;
    }
    file_close(s);
    return NULL;
}

static const struct part *find_part(const struct source_file *s, uint64_t offset)
{
    for (unsigned i = 0; i < s->count; i++)
        if (offset - s->parts[i].start < s->parts[i].size)
            return &s->parts[i];
    return NULL;
}

static long read_once(const struct source_file *s, uint64_t offset, void *ret, size_t size, struct failure *f)
{
    const struct part *part = find_part(s, offset);
    uint64_t at;
    ssize_t n;

    if (!part)
        return 0;
    at = offset - part->start;
    if (size > part->size - at)
        size = (size_t)(part->size - at);
    do
        n = pread(part->fd, ret, size, (off_t)at);
    while (n < 0 && errno == EINTR);
    if (n > 0)
        return (long)n;
    return fail(f, "disk-error", "%.200s: read at byte %" PRIu64 ": %s", s->path, offset,
                n ? strerror(errno) : "it has become shorter");
}

static long file_read(void *self, void *ret, size_t size, struct failure *f)
{
    struct source_file *s = self;
    long n = read_once(s, s->position, ret, size, f);

    if (n > 0)
        s->position += (uint64_t)n;
    return n;
}

static int file_read_at(void *self, uint64_t offset, void *ret, size_t size, struct failure *f)
{
    uint8_t *at = ret;

    while (size) {
        long n = read_once(self, offset, at, size, f);
        if (n <= 0)
            return -1;
        at += n;
        offset += (uint64_t)n;
        size -= (size_t)n;
    }
    return 0;
}

const struct source_kind source_file_kind = {
    .open = file_open, .close = file_close, .read = file_read, .read_at = file_read_at};
