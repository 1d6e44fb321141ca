/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "agent/source/source_grow.h"

#include <inttypes.h>
#include <stdio.h>

#include "agent/fs/block_map.h"
#include "agent/fs/resize.h"
#include "agent/layout/layout.h"
#include "agent/layout/mbr_table.h"
#include "agent/layout/partition_table.h"

static struct manifest_partition *last_of(struct manifest *m)
{
    return &m->partitions[m->count - 1];
}

/* An older use of the disk may have left there what somebody takes for a superblock. */
static int clear_end(const struct source_grow *g, const struct disk_ends *e, const struct manifest_partition *p,
                     struct failure *f)
{
    uint64_t size = p->size - g->old_size < BLOCK_MAP_TAIL ? p->size - g->old_size : BLOCK_MAP_TAIL;

    return disk_ends_write(e, p->start + p->size - size, NULL, size, f);
}

/* Extended boot records lie where the stream has put them, mostly between the ends. */
static int write_ebrs(const struct disk_ends *e, const struct manifest_extended *x, struct failure *f)
{
    for (unsigned i = 0; i < x->count; i++)
        if (disk_ends_write(e, x->ebrs[i].start, x->ebrs[i].sector, MBR_SIZE, f))
            return -1;
    return 0;
}

static int write_table(const struct source_grow *g, const struct disk_ends *e, struct manifest *m, struct failure *f)
{
    struct mbr_place from[MANIFEST_PARTITIONS];

    for (unsigned i = 0; i < m->count; i++)
        from[i] = (struct mbr_place){m->partitions[i].start, m->partitions[i].size};
    from[m->count - 1].size = g->old_size;
    /* Its end first: on a disk of which little is left, that is where the table's backup goes. */
    if (clear_end(g, e, last_of(m), f) || mbr_table_fit(m, from, e->disk->size, NULL, f) ||
        partition_table_write(&e->shadow, m, f))
        return -1;
    return write_ebrs(e, &m->extended, f);
}

int source_grow_table(struct source_grow *g, const struct disk_ends *e, struct manifest *m, struct failure *f)
{
    const struct layout_target target = {.name = e->disk->path, .size = e->disk->size};
    int grown;

    g->old_size = m->count ? last_of(m)->size : 0;
    grown = layout_grow_last(m, &target, g->which, f);
    g->grown = grown > 0;
    if (grown <= 0)
        return grown;
    progress_note(g->progress, "partition %u grows from %" PRIu64 " to %" PRIu64 " bytes", last_of(m)->number,
                  g->old_size, last_of(m)->size);
    return write_table(g, e, m, f);
}

static bool is_stopped(void *arg)
{
    const struct progress *p = arg;

    return p->cancelled && p->cancelled(p->arg);
}

int source_grow_fs(struct source_grow *g, const struct partition_nodes *n, const struct manifest *m, struct failure *f)
{
    const struct manifest_partition *p = m->count ? &m->partitions[m->count - 1] : NULL;
    enum resize_result result = RESIZE_LEFT;
    struct failure why;

    if (!g->grown)
        return 0;
    const struct resize_volume v = {.path = n->list[m->count - 1].path,
                                    .fs_type = p->fs_type,
                                    .size = p->size,
                                    .stopped = is_stopped,
                                    .stopped_arg = (void *)g->progress};
    if (p->raw)
        fail(&why, "resize", "%.200s", p->note[0] ? p->note : "nobody knows what it is");
    else
        result = resize_fs(&v, &why);
    if (result == RESIZE_BROKEN)
        return fail(f, why.reason, "partition %u: growing it failed: %.300s", p->number, why.message);
    if (result == RESIZE_LEFT)
        progress_note(g->progress, "partition %u is larger than what it holds, which was not grown: %.300s",
                      p->number, why.message);
    return 0;
}
