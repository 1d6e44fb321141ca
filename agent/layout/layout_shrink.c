/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "agent/layout/layout_internal.h"

#define SHRINK_SLACK ((uint64_t)8 << 20) /* bytes, and an eighth of what is used: resizers need room to move things */

static uint64_t align_up(uint64_t value)
{
    return layout_align_down(value + LAYOUT_ALIGN - 1);
}

bool layout_can_shrink(const struct manifest_partition *p)
{
    static const char *const types[] = {"ext2", "ext3", "ext4", "ntfs", NULL};

    return !p->raw && layout_is_fs(p, types);
}

uint64_t layout_least_size(const struct manifest_partition *p)
{
    return align_up(p->fs_used + p->fs_used / 8 + SHRINK_SLACK);
}

/* The first partition behind partition i that must not move; NULL: there is none. */
static const struct manifest_partition *find_fixed(const struct manifest *m, unsigned i)
{
    while (++i < m->count)
        if (layout_is_fixed(m, &m->partitions[i]))
            return &m->partitions[i];
    return NULL;
}

/* Bytes that partition i can give. */
static uint64_t spare(const struct manifest *m, unsigned i)
{
    const struct manifest_partition *p = &m->partitions[i];

    if (find_fixed(m, i))
        return 0;
    return layout_can_shrink(p) && p->size > layout_least_size(p) ? p->size - layout_least_size(p) : 0;
}

static unsigned find_most_spare(const struct manifest *m)
{
    unsigned best = 0;

    for (unsigned i = 1; i < m->count; i++)
        if (spare(m, i) > spare(m, best))
            best = i;
    return best;
}

/* Names the partition that could give most, though it is not enough, or the last one, which cannot give anything. */
static int too_small(const struct manifest *m, uint64_t missing, const struct layout_target *t, struct failure *f)
{
    const struct manifest_partition *p = &m->partitions[find_most_spare(m)];
    const struct manifest_partition *fixed = find_fixed(m, 0);
    char what[160];

    if (spare(m, (unsigned)(p - m->partitions)))
        snprintf(what, sizeof(what),
                 "partition %u (%.20s, %" PRIu64 " bytes, %" PRIu64 " used) can be shrunk to %" PRIu64, p->number,
                 p->fs_type, p->size, p->fs_used, layout_least_size(p));
    else if (fixed)
        snprintf(what, sizeof(what),
                 "nothing before partition %u can be shrunk, which must not move: a boot loader has its place inside",
                 fixed->number);
    else
        snprintf(what, sizeof(what), "no partition can be shrunk (the last is %u, %.20s%s, %" PRIu64 " bytes)",
                 layout_last(m)->number, layout_last(m)->has_fs ? layout_last(m)->fs_type : "unknown",
                 layout_last(m)->raw ? ", taken raw" : "", layout_last(m)->size);
    return fail(f, "target-too-small",
                "%s has %" PRIu64 " bytes, image %s was taken from a disk of %" PRIu64 " bytes: %" PRIu64
                " bytes are missing, and %s",
                t->name, t->size, m->name, m->disk_size, missing, what);
}

int layout_shrink(struct manifest *m, uint64_t missing, const struct layout_target *t, struct failure *f)
{
    uint64_t all = 0;

    for (unsigned i = 0; i < m->count; i++)
        all += layout_align_down(spare(m, i));
    if (all < align_up(missing))
        return too_small(m, missing, t, f);
    for (missing = align_up(missing); missing > 0;) {
        unsigned i = find_most_spare(m);
        uint64_t room = layout_align_down(spare(m, i)), take = room < missing ? room : missing;
        uint64_t size = layout_align_down(m->partitions[i].size - take),
                 delta = layout_align_down(m->partitions[i].size - size);
        m->partitions[i].size = size;
        for (unsigned k = i + 1; k < m->count; k++)
            m->partitions[k].start -= delta;
        missing -= take;
    }
    return 0;
}
