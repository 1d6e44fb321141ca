/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "agent/base/tree_walk.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "agent/base/tree.h"

#define DEPTH 32
#define TEXT_LIMIT (1u << 20)

static DIR *open_folder(int root, const char *folder)
{
    int fd = tree_open(root, folder, O_RDONLY | O_DIRECTORY), error;
    DIR *d = fd < 0 ? NULL : fdopendir(fd);

    if (!d && fd >= 0) {
        error = errno;
        close(fd);
        errno = error;
    }
    return d;
}

static void close_folder(DIR *d)
{
    int error = errno;

    closedir(d);
    errno = error;
}

static bool is_itself(const char *name)
{
    return !strcmp(name, ".") || !strcmp(name, "..");
}

static bool ends_with(const char *name, const char *suffix)
{
    size_t n = strlen(name), end = strlen(suffix);

    return n >= end && !strcmp(name + n - end, suffix);
}

static bool is_file(int folder, const char *name)
{
    struct stat s;

    return !fstatat(folder, name, &s, AT_SYMLINK_NOFOLLOW) && S_ISREG(s.st_mode);
}

int tree_each_file(int root, const char *folder, const char *suffix, tree_visitor *visit, void *arg)
{
    DIR *d = open_folder(root, folder);
    struct dirent *e;
    int result = 0;

    if (!d)
        return errno == ENOENT || errno == ENOTDIR ? 0 : -1;
    while (!result && (e = tree_next_entry(d)))
        if (ends_with(e->d_name, suffix) && is_file(dirfd(d), e->d_name))
            result = visit(arg, dirfd(d), e->d_name);
    if (!result && errno)
        result = -1;
    close_folder(d);
    return result;
}

static int clear(DIR *d, dev_t device, bool files_only, unsigned depth);

/* Returns how many files were in it. */
static int clear_inner(int folder, const char *name, dev_t device, bool files_only, unsigned depth)
{
    int fd = openat(folder, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC), count;
    DIR *d = fd < 0 ? NULL : fdopendir(fd);

    if (!d) {
        if (fd >= 0)
            close(fd);
        return -1;
    }
    count = clear(d, device, files_only, depth);
    close_folder(d);
    return count >= 0 && !files_only && unlinkat(folder, name, AT_REMOVEDIR) ? -1 : count;
}

static int clear(DIR *d, dev_t device, bool files_only, unsigned depth)
{
    int count = 0, part;
    struct dirent *e;
    struct stat s;

    if (depth > DEPTH) {
        errno = ELOOP;
        return -1;
    }
    while ((e = tree_next_entry(d))) {
        if (is_itself(e->d_name))
            continue;
        if (fstatat(dirfd(d), e->d_name, &s, AT_SYMLINK_NOFOLLOW))
            return -1;
        if (s.st_dev != device)
            continue;
        part = 1;
        if (S_ISDIR(s.st_mode))
            part = clear_inner(dirfd(d), e->d_name, device, files_only, depth + 1);
        else if (unlinkat(dirfd(d), e->d_name, 0))
            return -1;
        if (part < 0)
            return -1;
        count += part;
    }
    return errno ? -1 : count;
}

int tree_clear(int root, const char *folder, bool files_only)
{
    DIR *d = open_folder(root, folder);
    struct stat s;
    int count;

    if (!d)
        return errno == ENOENT || errno == ENOTDIR ? 0 : -1;
    count = fstat(dirfd(d), &s) ? -1 : clear(d, s.st_dev, files_only, 0);
    close_folder(d);
    return count;
}

/* Moves the lines that stay to the front. Returns how many do not. */
static int filter_lines(struct buffer *b, tree_line_filter *drop)
{
    char *text = (char *)b->data;
    size_t kept = 0;
    int dropped = 0;

    for (size_t at = 0, size; at < b->size; at += size) {
        const char *end = memchr(text + at, '\n', b->size - at);
        size_t line = end ? (size_t)(end - (text + at)) : b->size - at;
        size = line + (end ? 1 : 0);
        if (drop(text + at, line)) {
            dropped++;
            continue;
        }
        memmove(text + kept, text + at, size);
        kept += size;
    }
    b->size = kept;
    return dropped;
}

static int write_like(int folder, const char *name, const struct buffer *b)
{
    struct stat s;

    if (fstatat(folder, name, &s, AT_SYMLINK_NOFOLLOW) ||
        tree_write(folder, ".", name, b->data, b->size, s.st_mode & 07777))
        return -1;
    return fchownat(folder, name, s.st_uid, s.st_gid, AT_SYMLINK_NOFOLLOW);
}

int tree_drop_lines(int folder, const char *name, tree_line_filter *drop)
{
    struct buffer b = {0};
    int dropped = -1;

    if (!tree_read(folder, name, &b, TEXT_LIMIT)) {
        dropped = filter_lines(&b, drop);
        if (dropped > 0 && write_like(folder, name, &b))
            dropped = -1;
    } else if (errno == EFBIG) {
        dropped = 0;
    }
    free(b.data);
    return dropped;
}
