/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "agent/system/system_volumes.h"

#include <stdlib.h>
#include <string.h>

struct arrays {
    const char **nodes, **fs_types, **part_uuids, **volumes;
    unsigned *numbers, *disks;
};

static int make_arrays(struct system_volumes *v, struct arrays *a, size_t count, struct failure *f)
{
    v->arrays = calloc(count, 4 * sizeof(char *) + 2 * sizeof(unsigned));
    if (!v->arrays)
        return fail(f, "out-of-memory", "no memory for %zu partitions", count);
    a->nodes = v->arrays;
    a->fs_types = a->nodes + count;
    a->part_uuids = a->fs_types + count;
    a->volumes = a->part_uuids + count;
    a->numbers = (unsigned *)(a->volumes + count);
    a->disks = a->numbers + count;
    v->view = (struct system_partitions){.nodes = a->nodes,
                                         .fs_types = a->fs_types,
                                         .numbers = a->numbers,
                                         .disks = a->disks,
                                         .part_uuids = a->part_uuids,
                                         .volumes = a->volumes};
    return 0;
}

static void add_partition(struct system_volumes *v, const struct arrays *a, const struct system_partitions *p,
                          unsigned i)
{
    unsigned k = v->view.count++;

    a->nodes[k] = p->nodes[i];
    a->fs_types[k] = p->fs_types[i];
    a->part_uuids[k] = p->part_uuids ? p->part_uuids[i] : "";
    a->volumes[k] = "";
    a->numbers[k] = system_partition_number(p, i);
    a->disks[k] = system_partition_disk(p, i);
}

static void add_volumes(struct system_volumes *v, const struct arrays *a, const struct lvm_nodes *group, unsigned i)
{
    for (unsigned n = 0; n < group->count; n++) {
        unsigned k = v->view.count++;
        a->nodes[k] = group->list[n].path;
        a->fs_types[k] = group->list[n].fs_type;
        a->part_uuids[k] = "";
        a->volumes[k] = group->list[n].name;
        a->numbers[k] = a->numbers[i];
        a->disks[k] = a->disks[i];
    }
}

int system_volumes_open(struct system_volumes *v, const struct system_partitions *p, bool writable, const char *reason,
                        struct failure *f)
{
    struct failure second;
    struct arrays a = {.nodes = NULL};

    *v = (struct system_volumes){.group_count = 0};
    if (make_arrays(v, &a, p->count + SYSTEM_GROUPS * LVM_NODES, f))
        return -1;
    for (unsigned i = 0; i < p->count; i++)
        add_partition(v, &a, p, i);
    for (unsigned i = 0; i < p->count && v->group_count < SYSTEM_GROUPS; i++) {
        if (strcmp(p->fs_types[i], "LVM2_member"))
            continue;
        if (lvm_nodes_open(&v->groups[v->group_count], p->nodes[i], writable, reason, f)) {
            system_volumes_close(v, &second);
            return -1;
        }
        add_volumes(v, &a, &v->groups[v->group_count++], i);
    }
    return 0;
}

int system_volumes_close(struct system_volumes *v, struct failure *f)
{
    int result = 0;

    while (v->group_count)
        if (lvm_nodes_close(&v->groups[--v->group_count], f))
            result = -1;
    free(v->arrays);
    v->arrays = NULL;
    return result;
}
