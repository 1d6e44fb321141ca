/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A disk written to a file, or to a set of files none of which is larger than a limit: NAME.img, NAME.002, ... (FAT
 * holds no file of 4 GiB). The first file appears under its name only when all are complete. */
#ifndef SLIPWAY_AGENT_SPLIT_FILE_H
#define SLIPWAY_AGENT_SPLIT_FILE_H

#include <stddef.h>
#include <stdint.h>

#include "agent/base/failure.h"

#define SPLIT_PARTS_MAX 10000

struct split_file;

/* Makes the files for `size` bytes, all zeros; `limit` bytes each at most, 0: one file. `path` is the name of the first
 * one; with a limit it must end in ".img". NULL with *f: "disk-error" (also: a file is there already), "out-of-memory".
 */
struct split_file *split_file_create(const char *path, uint64_t size, uint64_t limit, struct failure *f);

/* Writes within the size. Returns 0, or -1 with *f ("disk-error"). */
int split_file_write(struct split_file *s, uint64_t offset, const void *data, size_t size, struct failure *f);

/* Flushes and gives the first file its name. Returns 0, or -1 with *f ("disk-error"). */
int split_file_finish(struct split_file *s, struct failure *f);

/* How many files there are. */
unsigned split_file_count(const struct split_file *s);

/* Closes; without a finish that went well nothing is left of it. */
void split_file_close(struct split_file *s);

#endif
