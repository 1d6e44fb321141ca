/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "agent/layout/disk_partitions.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <blkid/blkid.h>

#include "agent/disk/disk_io.h"
#include "agent/layout/partition_nodes.h"
#include "agent/layout/partition_table.h"

struct disk_partition_node {
    char path[80], fs_type[32];
};

/* The views's arrays, one element for each partition. */
struct arrays {
    const char **nodes, **fs_types, **uuids;
    unsigned *numbers, *disks;
};

/* "" for none, and for what libblkid is not sure of. */
static void probe(const struct disk_io *d, const struct manifest_partition *p, char ret[32])
{
    blkid_probe probe = blkid_new_probe();
    const char *type;

    ret[0] = '\0';
    if (!probe)
        return;
    blkid_probe_enable_superblocks(probe, 1);
    blkid_probe_set_superblocks_flags(probe, BLKID_SUBLKS_TYPE);
    if (!blkid_probe_set_device(probe, d->fd, (blkid_loff_t)p->start, (blkid_loff_t)p->size) &&
        !blkid_do_safeprobe(probe) && !blkid_probe_lookup_value(probe, "TYPE", &type, NULL))
        snprintf(ret, 32, "%s", type);
    blkid_free_probe(probe);
}

static void add(struct disk_partitions *p, unsigned disk, const struct manifest_partition *part,
                const struct disk_io *d)
{
    struct disk_partition_node *n = &p->nodes[p->view.count];
    const struct arrays a = {(const char **)p->view.nodes, (const char **)p->view.fs_types,
                             (const char **)p->view.part_uuids, (unsigned *)p->view.numbers, (unsigned *)p->view.disks};
    unsigned i = p->view.count++;

    if (p->tables[disk].table[0] && strcmp(p->tables[disk].table, "none"))
        partition_node_path(p->disks[disk], part->number, n->path, sizeof(n->path));
    else
        snprintf(n->path, sizeof(n->path), "%.79s", p->disks[disk]);
    probe(d, part, n->fs_type);
    a.nodes[i] = n->path;
    a.fs_types[i] = n->fs_type;
    a.uuids[i] = part->uuid;
    a.numbers[i] = part->number;
    a.disks[i] = disk;
}

static int read_disk(struct disk_partitions *p, unsigned disk, struct failure *f)
{
    struct manifest *m = &p->tables[disk];
    struct disk_io d;
    int result;

    if (disk_io_open(&d, p->disks[disk], DISK_IO_READ, f))
        return -1;
    m->disk_size = d.size;
    m->sector_size = d.sector_size;
    result = partition_table_read(&d, m, f);
    for (unsigned i = 0; !result && i < m->count; i++)
        add(p, disk, &m->partitions[i], &d);
    disk_io_close(&d);
    return result;
}

static bool allocate(struct disk_partitions *p)
{
    size_t most = (size_t)p->disk_count * MANIFEST_PARTITIONS;

    p->tables = calloc(p->disk_count ? p->disk_count : 1, sizeof(*p->tables));
    p->nodes = calloc(most + 1, sizeof(*p->nodes));
    p->view.nodes = calloc(most + 1, sizeof(*p->view.nodes));
    p->view.fs_types = calloc(most + 1, sizeof(*p->view.fs_types));
    p->view.part_uuids = calloc(most + 1, sizeof(*p->view.part_uuids));
    p->view.numbers = calloc(most + 1, sizeof(*p->view.numbers));
    p->view.disks = calloc(most + 1, sizeof(*p->view.disks));
    return p->tables && p->nodes && p->view.nodes && p->view.fs_types && p->view.part_uuids && p->view.numbers &&
           p->view.disks;
}

int disk_partitions_open(struct disk_partitions *p, const char *const *disks, unsigned count, struct failure *f)
{
    int result = 0;

    *p = (struct disk_partitions){.disks = disks, .disk_count = count};
    if (!allocate(p))
        result = fail(f, "out-of-memory", "no memory for the partitions of the disks");
    for (unsigned i = 0; !result && i < count; i++)
        result = read_disk(p, i, f);
    if (result)
        disk_partitions_close(p);
    return result;
}

void disk_partitions_close(struct disk_partitions *p)
{
    free(p->tables);
    free(p->nodes);
    free((void *)p->view.nodes);
    free((void *)p->view.fs_types);
    free((void *)p->view.part_uuids);
    free((void *)p->view.numbers);
    free((void *)p->view.disks);
}

const char *disk_partitions_node(const struct disk_partitions *p, unsigned disk, unsigned number)
{
    for (unsigned i = 0; i < p->view.count; i++)
        if (p->view.disks[i] == disk && p->view.numbers[i] == number)
            return p->view.nodes[i];
    return NULL;
}
