/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Shows bytes of this program to the kernel as one file, by its FUSE protocol (linux/fuse.h): for programs that want a
 * volume as a file, and for loop devices. */
#ifndef SLIPWAY_AGENT_FUSE_SERVER_H
#define SLIPWAY_AGENT_FUSE_SERVER_H

#include <stddef.h>
#include <stdint.h>

#include "agent/base/failure.h"
#include "agent/disk/disk_io.h"

#define FUSE_PATH 64

struct fuse_server;

/* What is shown: `size` bytes. Both functions are called by one thread at a time, within these bytes, and return 0, or
 * -1 with *f; the kernel is then told EIO. */
struct fuse_volume {
    uint64_t size;
    int (*read)(void *arg, uint64_t offset, void *buffer, size_t size, struct failure *f);
    int (*write)(void *arg, uint64_t offset, const void *buffer, size_t size, struct failure *f);
    void *arg;
    /* The disk that these functions read and write, and nothing else; NULL: they use what they like, and whoever works
     * on the file must not be a thread of this program. */
    const struct disk_io *disk;
};

/* Starts a thread that answers the kernel. Returns NULL with *f (`reason`, or out-of-memory). *v must outlive it. */
struct fuse_server *fuse_server_start(const struct fuse_volume *v, const char *reason, struct failure *f);

/* Mounts the file over the file at `path`, in the mounts of the caller: a process or thread of its own should have its
 * own ones. System calls only, so that a child may call it. Returns 0, or -1 with errno. */
int fuse_server_mount(const struct fuse_server *s, const char *path);

/* To be called when it is mounted, where a thread of this program works on the file (v->disk): lets go of what would
 * keep the kernel waiting for an answer after the program was killed, that thread first of all. */
void fuse_server_let_go(struct fuse_server *s);

/* Ends the thread once the file is mounted nowhere any more, and releases everything. Returns 0, or -1 with *f: the
 * first failure of a read or a write. Takes NULL, too. */
int fuse_server_stop(struct fuse_server *s, struct failure *f);

/* An empty file in /run to mount over, `ret` its path; unlink(2) it afterwards. Returns 0, or -1 with *f (`reason`). */
int fuse_server_file(char ret[FUSE_PATH], const char *reason, struct failure *f);

#endif
