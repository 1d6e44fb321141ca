/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Files of a mounted system that is not trusted: its symbolic links are followed as that system itself would follow
 * them, and never out of it (openat2(2), RESOLVE_IN_ROOT). `root` is a descriptor of its root folder; paths are
 * relative to it. */
#ifndef SLIPWAY_AGENT_TREE_H
#define SLIPWAY_AGENT_TREE_H

#include <dirent.h>
#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

#include "agent/base/buffer.h"

/* Opens with `flags` of open(2); nothing is created. Returns a descriptor, or -1 with errno. */
int tree_open(int root, const char *path, int flags);

bool tree_exists(int root, const char *path);
bool tree_is_folder(int root, const char *path);
bool tree_is_file(int root, const char *path); /* a regular one */

/* Reads a regular file of at most `limit` bytes into *ret, with a NUL behind it. Returns 0, or -1 with errno (EINVAL
 * for what is no regular file, EFBIG for a longer one). */
int tree_read(int root, const char *path, struct buffer *ret, size_t limit);

/* Makes `name` in `folder` a regular file with this content: written beside it, flushed, renamed over it. A link of
 * that name is replaced, not followed. Returns 0, or -1 with errno. */
int tree_write(int root, const char *folder, const char *name, const void *data, size_t size, mode_t mode);

/* readdir(3), with errno 0 at the end of the folder: what cannot be read must not pass for what is not there. */
struct dirent *tree_next_entry(DIR *d);

/* Removes the files and links in `folder` whose name begins with `prefix` and ends with `suffix`. Returns how many, or
 * -1 with errno; a missing folder is 0. */
int tree_remove(int root, const char *folder, const char *prefix, const char *suffix);

/* Removes the file or link `name` in `folder`, a link into nowhere, too. Returns 1, 0 when it is not there, or -1 with
 * errno. */
int tree_remove_name(int root, const char *folder, const char *name);

/* How many there are that tree_remove would remove. */
int tree_count(int root, const char *folder, const char *prefix, const char *suffix);

#endif
