/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "agent/imaging/system_disk.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "agent/kernel/fs_mount.h"
#include "agent/kernel/loop.h"
#include "agent/system/system.h"
#include "agent/system/system_volumes.h"

/* Those of the partitions that are looked at, one after another. */
struct view {
    unsigned count;
    int loops[MANIFEST_PARTITIONS];
    char paths[MANIFEST_PARTITIONS][32];
    const char *nodes[MANIFEST_PARTITIONS], *fs_types[MANIFEST_PARTITIONS], *part_uuids[MANIFEST_PARTITIONS];
    unsigned numbers[MANIFEST_PARTITIONS];
};

static bool is_worth_it(const struct manifest_partition *p)
{
    return p->has_fs &&
           (fs_mount_supports(p->fs_type) || !strcmp(p->fs_type, "ntfs") || !strcmp(p->fs_type, "LVM2_member"));
}

/* FAT alone has no system, but what belongs to one. */
static bool is_anything_worth_it(const struct manifest *m)
{
    for (unsigned i = 0; i < m->count; i++)
        if (is_worth_it(&m->partitions[i]) && strcmp(m->partitions[i].fs_type, "vfat"))
            return true;
    return false;
}

static int add(struct view *v, int fd, const char *disk, const struct manifest_partition *p, struct failure *f)
{
    unsigned i = v->count;

    v->loops[i] = loop_attach(fd, p->start, p->size, disk, v->paths[i], sizeof(v->paths[i]));
    if (v->loops[i] < 0)
        return fail(f, "identity", "%s: a loop device for a partition cannot be made: %s", disk, strerror(errno));
    v->nodes[i] = v->paths[i];
    v->fs_types[i] = p->fs_type;
    v->part_uuids[i] = p->uuid;
    v->numbers[i] = p->number;
    v->count++;
    return 0;
}

static int find_on(const struct system_partitions *p, struct manifest *m, struct failure *f)
{
    struct system_volumes v;
    struct failure second;
    int result;

    if (system_volumes_open(&v, p, false, "identity", f))
        return -1;
    result = systems_find(&v.view, m->systems, &m->system_count, f);
    return system_volumes_close(&v, result ? &second : f) ? -1 : result;
}

static int find(struct view *v, struct manifest *m, struct failure *f)
{
    const struct system_partitions p = {.count = v->count,
                                        .nodes = v->nodes,
                                        .fs_types = v->fs_types,
                                        .numbers = v->numbers,
                                        .part_uuids = v->part_uuids};
    int result = find_on(&p, m, f);

    /* The nodes are gone soon, the file system is the partition's. */
    for (unsigned i = 0; i < m->system_count; i++) {
        memset(m->systems[i].node, 0, sizeof(m->systems[i].node));
        memset(m->systems[i].fs_type, 0, sizeof(m->systems[i].fs_type));
    }
    return result;
}

int system_disk_find(const struct disk_io *d, struct manifest *m, struct failure *f)
{
    struct view v = {.count = 0};
    int fd, result = 0;

    m->system_count = 0;
    if (!is_anything_worth_it(m))
        return 0;
    fd = open(d->path, O_RDONLY | O_CLOEXEC);
    if (fd < 0)
        return fail(f, "identity", "%s cannot be opened: %s", d->path, strerror(errno));
    for (unsigned i = 0; !result && i < m->count; i++)
        if (is_worth_it(&m->partitions[i]))
            result = add(&v, fd, d->path, &m->partitions[i], f);
    if (!result)
        result = find(&v, m, f);
    while (v.count)
        loop_detach(v.loops[--v.count]);
    close(fd);
    return result;
}
