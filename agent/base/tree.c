/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "agent/base/tree.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <linux/openat2.h>

#define TEMPORARY ".slipway-new"

int tree_open(int root, const char *path, int flags)
{
    /* openat2() refuses what makes no sense, O_NOCTTY beside O_PATH for one. */
    unsigned extra = O_CLOEXEC | (flags & O_PATH ? 0 : O_NOCTTY);
    struct open_how how = {.flags = (unsigned)flags | extra, .resolve = RESOLVE_IN_ROOT | RESOLVE_NO_MAGICLINKS};

    return (int)syscall(SYS_openat2, root, path, &how, sizeof(how));
}

static bool is_type(int root, const char *path, mode_t type)
{
    int fd = tree_open(root, path, O_PATH);
    struct stat s;
    bool ok;

    if (fd < 0)
        return false;
    ok = fstat(fd, &s) == 0 && (type == 0 || (s.st_mode & S_IFMT) == type);
    close(fd);
    return ok;
}

bool tree_exists(int root, const char *path)
{
    return is_type(root, path, 0);
}

bool tree_is_folder(int root, const char *path)
{
    return is_type(root, path, S_IFDIR);
}

bool tree_is_file(int root, const char *path)
{
    return is_type(root, path, S_IFREG);
}

static void close_keeping_errno(int fd)
{
    int saved = errno;

    close(fd);
    errno = saved;
}

int tree_read(int root, const char *path, struct buffer *ret, size_t limit)
{
    int fd = tree_open(root, path, O_RDONLY | O_NONBLOCK); /* a FIFO must not hold us */
    struct stat s;
    bool ok;

    if (fd < 0)
        return -1;
    ok = fstat(fd, &s) == 0;
    if (ok && !S_ISREG(s.st_mode)) {
        errno = EINVAL;
        ok = false;
    }
    ok = ok && buffer_read_fd(ret, fd, limit);
    close_keeping_errno(fd);
    return ok ? 0 : -1;
}

static int write_all(int fd, const uint8_t *data, size_t size)
{
    ssize_t n;

    while (size > 0) {
        n = write(fd, data, size);
        if (n < 0 && errno != EINTR)
            return -1;
        if (n > 0) {
            data += n;
            size -= (size_t)n;
        }
    }
    return 0;
}

static int write_temporary(int folder, const void *data, size_t size, mode_t mode)
{
    int fd, result;

    if (unlinkat(folder, TEMPORARY, 0) != 0 && errno != ENOENT)
        return -1;
    fd = openat(folder, TEMPORARY, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);
    if (fd < 0)
        return -1;
    result = write_all(fd, data, size) == 0 && fchmod(fd, mode) == 0 && fsync(fd) == 0 ? 0 : -1;
    close_keeping_errno(fd);
    return result;
}

int tree_write(int root, const char *folder, const char *name, const void *data, size_t size, mode_t mode)
{
    int fd = tree_open(root, folder, O_RDONLY | O_DIRECTORY);
    int result, error;

    if (fd < 0)
        return -1;
    result =
        write_temporary(fd, data, size, mode) == 0 && renameat(fd, TEMPORARY, fd, name) == 0 && fsync(fd) == 0 ? 0 : -1;
    error = errno;
    if (result)
        unlinkat(fd, TEMPORARY, 0); /* on a full disk it would only be in the way */
    close(fd);
    errno = error;
    return result;
}

struct dirent *tree_next_entry(DIR *d)
{
    errno = 0;
    return readdir(d);
}

static bool name_matches(const char *name, const char *prefix, const char *suffix)
{
    size_t length = strlen(name), before = strlen(prefix), after = strlen(suffix);

    return length >= before + after && memcmp(name, prefix, before) == 0 &&
           memcmp(name + length - after, suffix, after) == 0;
}

/* Counts, and removes when asked to. */
static int visit(int root, const char *folder, const char *prefix, const char *suffix, bool remove)
{
    int fd = tree_open(root, folder, O_RDONLY | O_DIRECTORY), count = 0;
    struct dirent *e;
    DIR *d;

    if (fd < 0)
        return errno == ENOENT ? 0 : -1;
    d = fdopendir(fd);
    if (!d) {
        close_keeping_errno(fd);
        return -1;
    }
    while (count >= 0 && (e = tree_next_entry(d)))
        if (name_matches(e->d_name, prefix, suffix))
            count = remove && unlinkat(fd, e->d_name, 0) != 0 ? -1 : count + 1;
    fd = errno;
    closedir(d);
    errno = fd;
    return count < 0 || fd ? -1 : count;
}

int tree_remove(int root, const char *folder, const char *prefix, const char *suffix)
{
    return visit(root, folder, prefix, suffix, true);
}

int tree_remove_name(int root, const char *folder, const char *name)
{
    int fd = tree_open(root, folder, O_RDONLY | O_DIRECTORY), result, error;

    if (fd < 0)
        return errno == ENOENT || errno == ENOTDIR ? 0 : -1;
    result = unlinkat(fd, name, 0) ? -(errno != ENOENT) : 1;
    error = errno;
    close(fd);
    errno = error;
    return result;
}

int tree_count(int root, const char *folder, const char *prefix, const char *suffix)
{
    return visit(root, folder, prefix, suffix, false);
}
