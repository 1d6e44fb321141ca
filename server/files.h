/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Files of the store and of the PXE service: whole files in and out, every result checked. */
#ifndef SLIPWAY_SERVER_FILES_H
#define SLIPWAY_SERVER_FILES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Creates `path` (mode 0644; truncated when it is there) with `size` bytes; `sync`: and fsync. Returns 0, or -1 with
 * errno and no file left. */
int file_write(const char *path, const void *data, size_t size, bool sync);

/* Reads a whole file of at most `max` bytes. *ret_data is the caller's to free, with a NUL after the last byte. Returns
 * 0, or -1 with errno (EFBIG: longer than `max`). */
int file_read(const char *path, size_t max, uint8_t **ret_data, size_t *ret_size);

/* fsync of a folder, so that renames in it last. Returns 0, or -1 with errno. */
int folder_sync(const char *path);

/* mkdir -p, mode 0755. Returns 0, or -1 with errno. */
int folder_make(const char *path);

/* rm -rf; what is not there is removed already. Returns 0, or -1 with errno. */
int tree_remove(const char *path);

#endif
