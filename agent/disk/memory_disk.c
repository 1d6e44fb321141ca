/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "agent/disk/memory_disk.h"

#include <stdio.h>
#include <unistd.h>

#include <sys/mman.h>

int memory_disk_open(struct disk_io *ret, const char *name, uint64_t size, uint32_t sector_size, struct failure *f)
{
    *ret = (struct disk_io){
        .fd = memfd_create("disk", MFD_CLOEXEC), .direct_fd = -1, .size = size, .sector_size = sector_size};
    snprintf(ret->path, sizeof(ret->path), "%s", name);
    if (ret->fd >= 0 && ftruncate(ret->fd, (off_t)size) == 0)
        return 0;
    disk_io_close(ret);
    return fail(f, "out-of-memory", "no memory for the table of %s", name);
}
