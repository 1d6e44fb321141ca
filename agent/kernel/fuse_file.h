/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A volume of this program as an open file (agent/kernel/fuse_server.h), mounted in the mounts of this thread: for loop
 * devices over it. */
#ifndef SLIPWAY_AGENT_FUSE_FILE_H
#define SLIPWAY_AGENT_FUSE_FILE_H

#include <stdbool.h>

#include "agent/kernel/fuse_server.h"

struct fuse_file {
    struct fuse_volume volume;
    struct fuse_server *server;
    char path[FUSE_PATH]; /* "": not made */
    bool mounted;
    int fd; /* for reading and writing */
};

/* file->volume is set, its disk too, and nothing else. Returns 0, or -1 with *f (`reason`, out-of-memory):
 * fuse_file_close all the same. */
int fuse_file_open(struct fuse_file *file, const char *reason, struct failure *f);

/* Returns 0, or -1 with *f: the first failure of a read or a write, or (`reason`) something still used it; that gets
 * errors from then on. */
int fuse_file_close(struct fuse_file *file, const char *reason, struct failure *f);

#endif
