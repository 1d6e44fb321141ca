/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef SLIPWAY_AGENT_BUFFER_H
#define SLIPWAY_AGENT_BUFFER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* A growing buffer that a caller may use again from request to request. Zero-initialise; release with free(data). */
struct buffer {
    uint8_t *data;
    size_t size, room;
};

/* Appends `size` bytes. Returns false when out of memory; the buffer is then as it was. */
bool buffer_append(struct buffer *b, const void *data, size_t size);

/* Reads the file at `path`, at most `limit` bytes, in place of what *b holds, and puts a NUL behind it that `size` does
 * not count. Returns false with errno when it cannot be read, EFBIG when it is longer. */
bool buffer_read_file(struct buffer *b, const char *path, size_t limit);

/* The same from an open descriptor, which stays open. */
bool buffer_read_fd(struct buffer *b, int fd, size_t limit);

#endif
