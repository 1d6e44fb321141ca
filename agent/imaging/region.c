/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "agent/imaging/region.h"

#include <stdio.h>
#include <stdlib.h>

int region_set_init(struct region_set *s, unsigned count, struct failure *f)
{
    /* One more than needed, so that no partition at all is not mistaken for no memory. */
    *s = (struct region_set){.list = calloc(count + 1, sizeof(struct region)), .count = count};
    if (!s->list)
        return fail(f, "out-of-memory", "no memory for %u partitions", count);
    for (unsigned i = 0; i < count; i++) {
        bad_sectors_init(&s->list[i].bad);
        atomic_init(&s->list[i].matching, BATCHES_COMPARED);
    }
    return 0;
}

void region_set_free(struct region_set *s)
{
    for (unsigned i = 0; s->list && i < s->count; i++) {
        block_map_free(&s->list[i].map);
        caibx_free(&s->list[i].index);
    }
    free(s->list);
    *s = (struct region_set){0};
}

void region_describe(struct region *r, unsigned disk, unsigned disk_count, unsigned number, unsigned count,
                     const char *fs_type)
{
    int n = 0;

    if (disk_count > 1)
        n = snprintf(r->what, sizeof(r->what), "disk %u, ", disk + 1);
    snprintf(r->what + n, sizeof(r->what) - (size_t)n, "partition %u of %u, %.20s", number + 1, count,
             fs_type[0] ? fs_type : "unknown");
}

void region_set_number(struct region_set *s)
{
    s->runs = 0;
    for (unsigned i = 0; i < s->count; i++) {
        s->list[i].first_run = s->runs;
        s->runs += (s->list[i].index.count - s->list[i].skip + RUN_CHUNKS - 1) / RUN_CHUNKS;
    }
}

struct run region_set_run(const struct region_set *s, size_t run)
{
    struct run r = {0};
    unsigned i = s->count;

    while (i > 1 && s->list[i - 1].first_run > run)
        i--;
    r.region = &s->list[i - 1];
    r.first = r.region->skip + (run - r.region->first_run) * RUN_CHUNKS;
    r.count = r.region->index.count - r.first;
    if (r.count > RUN_CHUNKS)
        r.count = RUN_CHUNKS;
    return r;
}

void region_set_place(const struct region_set *s, size_t run, uint64_t *ret_done, uint64_t *ret_size)
{
    bool over = run >= s->runs;
    struct run r = region_set_run(s, over ? s->runs - 1 : run);

    *ret_size = r.region->index.size;
    *ret_done = over ? *ret_size : (uint64_t)r.first * CHUNK_SIZE;
}
