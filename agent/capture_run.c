/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "agent/capture_run.h"

#include <string.h>

/* Unused gaps up to this many bytes are read along and blanked: one long read is cheaper than several short ones. */
#define GAP_READ_ALONG (64 * 1024)

void *capture_run_open(void *arg, struct failure *f)
{
    const struct capture_shared *c = arg;
    struct run_worker *w = run_worker_new(c->store, f);

    if (!w || (w->packer = chunk_packer_new(c->level, f)))
        return w;
    run_worker_close(arg, w);
    return NULL;
}

/* Where the used bytes from `start` end, small gaps included. */
static uint64_t span_end(const struct block_map *m, uint64_t end, uint64_t to)
{
    uint64_t next, next_end;

    while (block_map_next(m, end, to, &next, &next_end) && next - end <= GAP_READ_ALONG)
        end = next_end;
    return end;
}

/* Reads the used bytes of [from, to) of the region; all others become zero. */
static int read_used(const struct region *g, uint64_t from, uint64_t to, uint8_t *buffer, uint64_t *ret_used,
                     struct failure *f)
{
    uint64_t start, end, at = from;

    while (block_map_next(&g->map, at, to, &start, &end)) {
        at = span_end(&g->map, end, to);
        if (disk_io_read(g->disk, g->start + start, buffer + (start - from), (size_t)(at - start), f))
            return -1;
    }
    *ret_used = block_map_blank(&g->map, from, to, buffer);
    return 0;
}

/* The chunks of a run that are not zero, in the order in which they lie in the buffer. */
struct pending {
    size_t count;
    size_t chunk[RUN_CHUNKS]; /* index within the run */
    uint8_t ids[RUN_CHUNKS][CHUNK_ID_SIZE];
    bool missing[RUN_CHUNKS];
};

static void set_zero(const struct run_worker *w, const struct run *r, size_t i)
{
    struct caibx *x = &r->region->index;
    size_t size = caibx_chunk_size(x, r->first + i);
    uint8_t id[CHUNK_ID_SIZE];

    if (size != CHUNK_SIZE)
        chunk_id_zeros(size, id);
    caibx_set_id(x, r->first + i, size == CHUNK_SIZE ? w->zero_id : id);
}

static int read_run(struct run_worker *w, const struct run *r, struct pending *p, uint64_t *ret_used, struct failure *f)
{
    for (size_t i = 0; i < r->count; i++) {
        uint64_t from = (uint64_t)(r->first + i) * CHUNK_SIZE, used = 0, start, end;
        size_t size = caibx_chunk_size(&r->region->index, r->first + i);
        uint8_t *data = w->data + i * CHUNK_SIZE;
        if (block_map_next(&r->region->map, from, from + size, &start, &end) &&
            read_used(r->region, from, from + size, data, &used, f))
            return -1;
        *ret_used += used;
        if (!used || bytes_are_zero(data, size))
            set_zero(w, r, i);
        else
            p->chunk[p->count++] = i;
    }
    return 0;
}

static size_t pending_size(const struct run *r, const struct pending *p, size_t k)
{
    return caibx_chunk_size(&r->region->index, r->first + p->chunk[k]);
}

static void hash_run(const struct run_worker *w, const struct run *r, struct pending *p)
{
    const uint8_t *data[RUN_CHUNKS] = {NULL};
    size_t whole = 0;

    for (size_t k = 0; k < p->count; k++) {
        data[k] = w->data + p->chunk[k] * CHUNK_SIZE;
        whole += pending_size(r, p, k) == CHUNK_SIZE;
    }
    chunk_id_compute_many(data, whole, CHUNK_SIZE, p->ids);
    if (whole < p->count)
        chunk_id_compute(data[whole], pending_size(r, p, whole), p->ids[whole]);
    for (size_t k = 0; k < p->count; k++)
        caibx_set_id(&r->region->index, r->first + p->chunk[k], p->ids[k]);
}

static int send_missing(struct run_worker *w, const struct run *r, const struct pending *p, struct pipeline *l,
                        struct failure *f)
{
    for (size_t k = 0; k < p->count && !pipeline_stopped(l); k++) {
        const void *frame;
        size_t size;
        if (!p->missing[k])
            continue;
        if (chunk_pack(w->packer, w->data + p->chunk[k] * CHUNK_SIZE, pending_size(r, p, k), &frame, &size, f) ||
            store_put_chunk(w->store, p->ids[k], frame, size, f))
            return -1;
        pipeline_count(l, 0, size);
    }
    return 0;
}

int capture_run(void *arg, void *worker, size_t run, struct pipeline *l, struct failure *f)
{
    const struct capture_shared *c = arg;
    struct run_worker *w = worker;
    struct run r = region_set_run(&c->regions, run);
    struct pending p = {.count = 0};
    uint64_t used = 0;

    if (read_run(w, &r, &p, &used, f))
        return -1;
    hash_run(w, &r, &p);
    if (store_missing(w->store, (const uint8_t(*)[CHUNK_ID_SIZE])p.ids, p.count, p.missing, f) ||
        send_missing(w, &r, &p, l, f))
        return -1;
    pipeline_count(l, used, 0);
    return 0;
}
