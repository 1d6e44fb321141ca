/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "agent/anonymous/anonymous_disk.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "agent/fs/block_map.h"
#include "agent/kernel/fs_mount.h"
#include "agent/kernel/loop.h"
#include "agent/layout/partition_table.h"

static int show_read(void *arg, uint64_t offset, void *buffer, size_t size, struct failure *f)
{
    return cow_read(arg, offset, buffer, size, f);
}

static int show_write(void *arg, uint64_t offset, const void *buffer, size_t size, struct failure *f)
{
    return cow_write(arg, offset, buffer, size, f);
}

int anonymous_disk_open(struct anonymous_disk *d, const char *path, uint64_t memory, struct failure *f)
{
    *d = (struct anonymous_disk){.file = {.fd = -1}};
    if (disk_io_open(&d->io, path, DISK_IO_READ, f))
        return -1;
    d->cow = cow_new(&d->io, memory, f);
    if (!d->cow)
        return -1;
    d->file.volume =
        (struct fuse_volume){.size = d->io.size, .read = show_read, .write = show_write, .arg = d->cow, .disk = &d->io};
    d->manifest = calloc(1, sizeof(*d->manifest));
    if (!d->manifest)
        return fail(f, "out-of-memory", "no memory for the partition table of %s", path);
    return partition_table_read(&d->io, d->manifest, f);
}

void anonymous_disk_close(struct anonymous_disk *d)
{
    free(d->manifest);
    cow_free(d->cow);
    disk_io_close(&d->io);
}

/* Nobody else's programs shall find a second member of an array, or another container, and put it together. The
 * hibernated swap area is looked at by its name alone. */
static bool is_worth_it(const char *fs_type)
{
    return fs_mount_supports(fs_type) || !strcmp(fs_type, "ntfs") || !strcmp(fs_type, "LVM2_member") ||
           !strcmp(fs_type, "swsuspend");
}

static int show_partition(struct anonymous_disk *d, const struct manifest_partition *p, struct failure *f)
{
    struct anonymous_node *n = &d->nodes[d->count];

    if (block_map_probe(&d->io, p->start, p->size, n->fs_type, sizeof(n->fs_type), f))
        return -1;
    if (!is_worth_it(n->fs_type))
        return 0;
    n->loop_fd = loop_attach(d->file.fd, p->start, p->size, d->io.path, n->path, sizeof(n->path));
    if (n->loop_fd < 0)
        return fail(f, "anonymous", "%s: a loop device for partition %u cannot be made: %s", d->io.path, p->number,
                    strerror(errno));
    n->number = p->number;
    n->uuid = p->uuid;
    d->count++;
    return 0;
}

int anonymous_disk_show(struct anonymous_disk *d, struct failure *f)
{
    if (fuse_file_open(&d->file, "anonymous", f))
        return -1;
    for (unsigned i = 0; i < d->manifest->count; i++)
        if (show_partition(d, &d->manifest->partitions[i], f))
            return -1;
    return 0;
}

int anonymous_disk_hide(struct anonymous_disk *d, struct failure *f)
{
    int result = 0;

    while (d->count)
        if (loop_detach(d->nodes[--d->count].loop_fd))
            result = fail(f, "anonymous", "%s: changes to partition %u were not taken: %s", d->io.path,
                          d->nodes[d->count].number, strerror(errno));
    return fuse_file_close(&d->file, "anonymous", f) ? -1 : result;
}
