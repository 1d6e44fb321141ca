/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "agent/imaging/deploy_nodes.h"

#include <stdlib.h>

static int allocate(struct deploy_nodes *n, const struct deploy_plan *plan, struct failure *f)
{
    size_t partitions = 1; /* one more than needed, so that none is not mistaken for no memory */

    for (unsigned i = 0; i < plan->count; i++)
        partitions += plan->disks[i].manifest->count;
    n->disks = calloc(plan->count, sizeof(*n->disks));
    n->paths = calloc(partitions, sizeof(*n->paths));
    n->fs_types = calloc(partitions, sizeof(*n->fs_types));
    n->uuids = calloc(partitions, sizeof(*n->uuids));
    n->numbers = calloc(partitions, sizeof(*n->numbers));
    n->owners = calloc(partitions, sizeof(*n->owners));
    if (n->disks && n->paths && n->fs_types && n->uuids && n->numbers && n->owners)
        return 0;
    return fail(f, "out-of-memory", "no memory for the partitions' nodes");
}

static int open_disk(struct deploy_nodes *n, const struct deploy_disk *disk, struct failure *f)
{
    struct partition_nodes *nodes = &n->disks[n->disk_count];

    if (partition_nodes_open(nodes, disk->io->path, disk->io->block, disk->manifest, f))
        return -1;
    n->disk_count++;
    for (unsigned i = 0; i < nodes->count; i++) {
        n->paths[n->count] = nodes->list[i].path;
        n->fs_types[n->count] = disk->manifest->partitions[i].fs_type;
        n->uuids[n->count] = disk->manifest->partitions[i].uuid;
        n->numbers[n->count] = disk->manifest->partitions[i].number;
        n->owners[n->count++] = n->disk_count - 1;
    }
    return 0;
}

int deploy_nodes_close(struct deploy_nodes *n, struct failure *f)
{
    int result = 0;

    while (n->disk_count)
        if (partition_nodes_close(&n->disks[--n->disk_count], f))
            result = -1;
    free(n->owners);
    free(n->numbers);
    free(n->uuids);
    free(n->fs_types);
    free(n->paths);
    free(n->disks);
    free(n);
    return result;
}

struct deploy_nodes *deploy_nodes_open(const struct deploy_plan *plan, struct failure *f)
{
    struct deploy_nodes *n = calloc(1, sizeof(*n));
    struct failure second;
    int result;

    if (!n) {
        fail(f, "out-of-memory", "no memory for the partitions' nodes");
        return NULL;
    }
    result = allocate(n, plan, f);
    for (unsigned i = 0; !result && i < plan->count; i++)
        result = open_disk(n, &plan->disks[i], f);
    if (!result)
        return n;
    deploy_nodes_close(n, &second);
    return NULL;
}
