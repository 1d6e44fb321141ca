/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "agent/kernel/fuse_file.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#define UNMOUNT_TRIES 50

int fuse_file_open(struct fuse_file *file, const char *reason, struct failure *f)
{
    struct stat s;

    file->fd = -1;
    file->mounted = false;
    file->server = NULL;
    if (fuse_server_file(file->path, reason, f)) {
        file->path[0] = '\0';
        return -1;
    }
    file->server = fuse_server_start(&file->volume, reason, f);
    if (!file->server)
        return -1;
    file->mounted = fuse_server_mount(file->server, file->path) == 0;
    if (file->mounted) {
        fuse_server_let_go(file->server);
        file->fd = open(file->path, O_RDWR | O_CLOEXEC);
    }
    /* The kernel asks for the size only when somebody wants it, and a loop device takes what it has. */
    return file->fd < 0 || fstat(file->fd, &s)
               ? fail(f, reason, "a volume cannot be shown to the kernel (FUSE): %s", strerror(errno))
               : 0;
}

/* The kernel lets go of a loop device's file a moment after the device. Who still holds it after that gets errors. */
static int unmount(const char *path)
{
    for (unsigned i = 0; umount2(path, UMOUNT_NOFOLLOW); i++) {
        if (errno == EBUSY && i < UNMOUNT_TRIES) {
            nanosleep(&(struct timespec){.tv_nsec = 100000000}, NULL);
            continue;
        }
        umount2(path, MNT_FORCE | MNT_DETACH | UMOUNT_NOFOLLOW);
        return -1;
    }
    return 0;
}

int fuse_file_close(struct fuse_file *file, const char *reason, struct failure *f)
{
    int result = 0;

    if (file->fd >= 0)
        close(file->fd);
    file->fd = -1;
    if (file->mounted && unmount(file->path))
        result = fail(f, reason, "a volume that was shown to the kernel is still in use");
    file->mounted = false;
    if (fuse_server_stop(file->server, f))
        result = -1;
    file->server = NULL;
    if (file->path[0])
        unlink(file->path);
    file->path[0] = '\0';
    return result;
}
