/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "server/files.h"

#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static int write_all(int fd, const uint8_t *data, size_t size)
{
    while (size > 0) {
        ssize_t n = write(fd, data, size);

        if (n < 0 && errno == EINTR)
            continue;
        if (n < 0)
            return -1;
        data += n;
        size -= (size_t)n;
    }
    return 0;
}

int file_write(const char *path, const void *data, size_t size, bool sync)
{
    int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);
    int error = 0;

    if (fd < 0)
        return -1;
    if (write_all(fd, data, size) || (sync && fsync(fd)))
        error = errno;
    if (close(fd) && !error)
        error = errno;
    if (!error)
        return 0;
    unlink(path);
    errno = error;
    return -1;
}

static int read_all(int fd, uint8_t *data, size_t size)
{
    size_t done = 0;

    while (done < size) {
        ssize_t n = read(fd, data + done, size - done);

        if (n < 0 && errno == EINTR)
            continue;
        if (n <= 0) {
            errno = n == 0 ? EIO : errno;
            return -1;
        }
        done += (size_t)n;
    }
    return 0;
}

int file_read(const char *path, size_t max, uint8_t **ret_data, size_t *ret_size)
{
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    uint8_t *data = NULL;
    struct stat st;
    int error;

    if (fd < 0)
        return -1;
    if (fstat(fd, &st))
        goto err_close;
    errno = EFBIG;
    if (st.st_size < 0 || (uint64_t)st.st_size > max)
        goto err_close;
    data = malloc((size_t)st.st_size + 1);
    if (!data || read_all(fd, data, (size_t)st.st_size))
        goto err_close;
    close(fd);
    data[st.st_size] = 0;
    *ret_data = data;
    *ret_size = (size_t)st.st_size;
    return 0;

err_close:
    error = errno;
    free(data);
    close(fd);
    errno = error;
    return -1;
}

int folder_sync(const char *path)
{
    int fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    int error;

    if (fd < 0)
        return -1;
    error = fsync(fd) ? errno : 0;
    close(fd);
    errno = error;
    return error ? -1 : 0;
}

int folder_make(const char *path)
{
    char part[PATH_MAX];

    if ((size_t)snprintf(part, sizeof(part), "%s", path) >= sizeof(part)) {
        errno = ENAMETOOLONG;
        return -1;
    }
    for (char *c = part + 1; *c; c++) {
        if (*c != '/')
            continue;
        *c = 0;
        if (mkdir(part, 0755) && errno != EEXIST)
            return -1;
        *c = '/';
    }
    return mkdir(part, 0755) && errno != EEXIST ? -1 : 0;
}

static int remove_one(const char *path, const struct stat *st, int type, struct FTW *ftw)
{
    (void)st;
    (void)type;
    (void)ftw;
    return remove(path);
}

int tree_remove(const char *path)
{
    return nftw(path, remove_one, 16, FTW_DEPTH | FTW_PHYS) && errno != ENOENT ? -1 : 0;
}
