/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "agent/base/buffer.h"

#include <errno.h>
#include <fcntl.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define FIRST_ROOM 4096

static bool buffer_reserve(struct buffer *b, size_t more)
{
    size_t room = b->room ? b->room : FIRST_ROOM;
    uint8_t *data;

    if (more > SIZE_MAX / 4 || b->size > SIZE_MAX / 4)
        return false;
    while (room < b->size + more)
        room *= 2;
    if (room == b->room)
        return true;
    data = realloc(b->data, room);
    if (!data)
        return false;
    b->data = data;
    b->room = room;
    return true;
}

bool buffer_append(struct buffer *b, const void *data, size_t size)
{
    if (!buffer_reserve(b, size))
        return false;
    if (size > 0)
        memcpy(b->data + b->size, data, size);
    b->size += size;
    return true;
}

bool buffer_read_fd(struct buffer *b, int fd, size_t limit)
{
    ssize_t n;

    b->size = 0;
    for (;;) {
        if (!buffer_reserve(b, FIRST_ROOM)) {
            errno = ENOMEM;
            return false;
        }
        n = read(fd, b->data + b->size, b->room - b->size - 1);
        if (n < 0 && errno == EINTR)
            continue;
        if (n < 0)
            return false;
        b->size += (size_t)n;
        if (b->size > limit) {
            errno = EFBIG;
            return false;
        }
        b->data[b->size] = '\0';
        if (n == 0)
            return true;
    }
}

bool buffer_read_file(struct buffer *b, const char *path, size_t limit)
{
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    int saved;
    bool ok;

    if (fd < 0)
        return false;
    ok = buffer_read_fd(b, fd, limit);
    saved = errno;
    close(fd);
    errno = saved;
    return ok;
}
