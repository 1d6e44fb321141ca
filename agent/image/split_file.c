/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "agent/image/split_file.h"

#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "agent/image/split_name.h"

#define PATH_SIZE 4096

struct split_file {
    char *path;
    uint64_t size, limit;
    unsigned count; /* files that were made */
    bool finished;
    int fd; /* of part `open_part`; one at a time: there may be more parts than descriptors */
    unsigned open_part;
};

static int file_fail(const char *path, const char *doing, struct failure *f)
{
    return fail(f, "disk-error", "%.250s: %s: %s", path, doing, strerror(errno));
}

/* The first one has another name until everything is written. */
static void part_path(const struct split_file *s, unsigned number, char ret[PATH_SIZE])
{
    if (number == 1 && !s->finished)
        snprintf(ret, PATH_SIZE, "%s.incomplete", s->path);
    else if (!split_name_format(s->path, number, ret, PATH_SIZE))
        snprintf(ret, PATH_SIZE, "%s", s->path);
}

static int close_part(struct split_file *s, struct failure *f)
{
    char path[PATH_SIZE];
    int fd = s->fd;

    s->fd = -1;
    if (fd < 0)
        return 0;
    part_path(s, s->open_part, path);
    if (fsync(fd)) {
        file_fail(path, "flush", f);
        close(fd);
        return -1;
    }
    return close(fd) ? file_fail(path, "close", f) : 0;
}

static int open_part(struct split_file *s, unsigned number, int flags, struct failure *f)
{
    char path[PATH_SIZE];

    if (s->fd >= 0 && s->open_part == number)
        return 0;
    if (close_part(s, f))
        return -1;
    part_path(s, number, path);
    s->fd = open(path, O_WRONLY | O_CLOEXEC | flags, 0644);
    s->open_part = number;
    return s->fd < 0 ? file_fail(path, "open", f) : 0;
}

static uint64_t part_size(const struct split_file *s, unsigned number)
{
    uint64_t start = (uint64_t)(number - 1) * s->limit, left = s->size - start;

    return left < s->limit ? left : s->limit;
}

static int create_parts(struct split_file *s, struct failure *f)
{
    uint64_t parts = (s->size + s->limit - 1) / s->limit;
    char path[PATH_SIZE];

    if (access(s->path, F_OK) == 0)
        return fail(f, "disk-error", "%.250s is there already", s->path);
    if (parts > 1 && !split_name_format(s->path, 2, path, sizeof(path)))
        return fail(f, "disk-error", "the name of the first file of a set ends in .img: %.250s", s->path);
    if (parts > SPLIT_PARTS_MAX)
        return fail(f, "disk-error", "%llu files would be needed: choose a larger size for each",
                    (unsigned long long)parts);
    while (s->count < parts) {
        if (open_part(s, s->count + 1, O_CREAT | O_EXCL, f))
            return -1;
        s->count++;
        if (ftruncate(s->fd, (off_t)part_size(s, s->count))) {
            part_path(s, s->count, path);
            return file_fail(path, "no room", f);
        }
    }
    return 0;
}

struct split_file *split_file_create(const char *path, uint64_t size, uint64_t limit, struct failure *f)
{
    struct split_file *s = calloc(1, sizeof(*s));

    if (s) {
        *s = (struct split_file){.path = strdup(path), .size = size, .limit = limit ? limit : size, .fd = -1};
        if (s->path && !create_parts(s, f))
            return s;
    }
    if (!s || !s->path)
        fail(f, "out-of-memory", "no memory to write %.200s", path);
    if (s)
        split_file_close(s);
    return NULL;
}

static int write_part(struct split_file *s, unsigned number, uint64_t offset, const uint8_t *data, size_t size,
                      struct failure *f)
{
    char path[PATH_SIZE];

    if (open_part(s, number, 0, f))
        return -1;
    while (size) {
        ssize_t n = pwrite(s->fd, data, size, (off_t)offset);
        if (n < 0 && errno == EINTR)
            continue;
        if (n <= 0) {
            part_path(s, number, path);
            return file_fail(path, "write", f);
        }
        data += n;
        offset += (uint64_t)n;
        size -= (size_t)n;
    }
    return 0;
}

int split_file_write(struct split_file *s, uint64_t offset, const void *data, size_t size, struct failure *f)
{
    const uint8_t *at = data;

    if (offset > s->size || size > s->size - offset)
        return fail(f, "disk-error", "%.250s: a write beyond its end", s->path);
    while (size) {
        unsigned number = (unsigned)(offset / s->limit) + 1;
        uint64_t within = offset % s->limit, room = s->limit - within;
        size_t n = size < room ? size : (size_t)room;
        if (write_part(s, number, within, at, n, f))
            return -1;
        at += n;
        offset += n;
        size -= n;
    }
    return 0;
}

int split_file_finish(struct split_file *s, struct failure *f)
{
    char path[PATH_SIZE];

    if (close_part(s, f))
        return -1;
    part_path(s, 1, path);
    if (rename(path, s->path))
        return file_fail(s->path, "rename", f);
    s->finished = true;
    return 0;
}

unsigned split_file_count(const struct split_file *s)
{
    return s->count;
}

void split_file_close(struct split_file *s)
{
    char path[PATH_SIZE];

    if (s->fd >= 0)
        close(s->fd);
    while (!s->finished && s->count) {
        part_path(s, s->count--, path);
        unlink(path);
    }
    free(s->path);
    free(s);
}
