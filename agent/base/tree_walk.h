/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Whole folders of a mounted system that is not trusted (agent/base/tree.h). */
#ifndef SLIPWAY_AGENT_TREE_WALK_H
#define SLIPWAY_AGENT_TREE_WALK_H

#include <stdbool.h>
#include <stddef.h>

/* Called with the folder's descriptor and the name of an entry in it. Returns 0 to go on, or -1 with errno. */
typedef int tree_visitor(void *arg, int folder, const char *name);

/* Visits the regular files of `folder` whose names end with `suffix`, in no order. A missing folder has none. Returns
 * 0, or -1 with errno. */
int tree_each_file(int root, const char *folder, const char *suffix, tree_visitor *visit, void *arg);

/* Removes everything below `folder`, which stays; `files_only`: the folders below it stay as well. Links are removed,
 * not followed, and what is mounted inside is left alone. Returns how many files it was, or -1 with errno; a missing
 * folder is 0. */
int tree_clear(int root, const char *folder, bool files_only);

/* Decides about a line of a text file, its newline not included. */
typedef bool tree_line_filter(const char *line, size_t size);

/* Rewrites the regular file `name` in `folder` (a descriptor) without the lines that `drop` names; mode and owner stay.
 * Files over 1 MiB are left alone. Returns how many lines went, or -1 with errno. */
int tree_drop_lines(int folder, const char *name, tree_line_filter *drop);

#endif
