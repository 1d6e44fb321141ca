/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Files that the identity step writes into a system at `root`, which is not trusted (tree.h). Every function returns 0,
 * or -1 with *f (reason "identity") that names the file; what is there already as it should be is not touched. */
#ifndef SLIPWAY_AGENT_IDENTITY_FILE_H
#define SLIPWAY_AGENT_IDENTITY_FILE_H

#include <stdbool.h>
#include <sys/types.h>

#include "agent/base/buffer.h"
#include "agent/base/failure.h"

/* Text in the making. Out of memory is remembered and told by identity_file. */
struct identity_draft {
    struct buffer b;
    bool failed;
};

__attribute__((format(printf, 2, 3))) void identity_print(struct identity_draft *t, const char *format, ...);

/* Makes `folder`/`name` a regular file with the text and frees the text. A folder that is missing is made, 0755. A file
 * that is replaced keeps its owner; `mode` is that of the result. */
int identity_file(int root, const char *folder, const char *name, struct identity_draft *t, mode_t mode,
                  struct failure *f);

/* The same for a symbolic link to `target`. */
int identity_link(int root, const char *folder, const char *name, const char *target, struct failure *f);

/* Makes a folder and those above it, 0755 each. */
int identity_folder(int root, const char *path, struct failure *f);

/* Reads a file into *t, with a NUL behind it; a missing one is "". At most 1 MiB. */
int identity_read(int root, const char *path, struct identity_draft *t, struct failure *f);

#define IDENTITY_DISABLED ".slipway-disabled."

/* Renames every regular file of `folder` whose name ends with `suffix` and which holds `word` ("": any) to
 * .slipway-disabled.NAME, but for those whose name has "slipway" in it. Only a name with a dot before it is passed over
 * by all who read such folders. */
int identity_disable(int root, const char *folder, const char *suffix, const char *word, struct failure *f);

#endif
