/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "agent/imaging/capture_run.h"

#include <stdlib.h>
#include <string.h>

#include "agent/base/zeros.h"
#include "agent/image/chunk_batch.h"
#include "agent/imaging/run_worker.h"

/* Unused gaps up to this many bytes are read along and blanked: one long read is cheaper than several short ones. */
#define GAP_READ_ALONG (64 * 1024)

/* A chunk that has been read and is not zeros; its data lies in the worker's buffer at the same place. */
struct held {
    struct region *region;
    size_t chunk, size;
    uint64_t used;
};

struct capture_worker {
    struct run_worker *base;
    struct chunk_batch *batch;
    size_t count;
    struct held held[RUN_CHUNKS];
    uint8_t ids[RUN_CHUNKS][CHUNK_ID_SIZE];
    bool missing[RUN_CHUNKS];
};

void capture_run_close(void *arg, void *worker)
{
    struct capture_worker *w = worker;

    if (w->base)
        run_worker_close(arg, w->base);
    free(w->batch);
    free(w);
}

void *capture_run_open(void *arg, struct failure *f)
{
    const struct capture_shared *c = arg;
    struct capture_worker *w = calloc(1, sizeof(*w));

    if (!w) {
        fail(f, "out-of-memory", "no memory for a worker");
        return NULL;
    }
    w->base = run_worker_new(c->store, f);
    w->batch = w->base ? chunk_batch_new(f) : NULL;
    if (w->batch && (w->base->packer = chunk_packer_new(c->level, f)))
        return w;
    capture_run_close(arg, w);
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
static int read_used(const struct capture_shared *c, struct region *g, uint64_t from, uint64_t to, uint8_t *buffer,
                     uint64_t *ret_used, struct failure *f)
{
    uint64_t start, end, at = from;
    struct failure ignored;

    while (block_map_next(&g->map, at, to, &start, &end)) {
        at = span_end(&g->map, end, to);
        if (!disk_io_read(g->disk, g->start + start, buffer + (start - from), (size_t)(at - start), &ignored)) {
            bad_sectors_end_row(&g->bad);
            continue;
        }
        /* A sector that nobody uses and nobody can read must not count: this time no gap is read along. */
        at = end;
        if (bad_sectors_read(&g->bad, c->policy, g->disk, g->start, start, buffer + (start - from),
                             (size_t)(at - start), f))
            return -1;
    }
    *ret_used = block_map_blank(&g->map, from, to, buffer);
    return 0;
}

static void set_zero(const struct capture_worker *w, struct region *g, size_t chunk)
{
    size_t size = caibx_chunk_size(&g->index, chunk);
    uint8_t id[CHUNK_ID_SIZE];

    if (size != CHUNK_SIZE)
        chunk_id_zeros(size, id);
    caibx_set_id(&g->index, chunk, size == CHUNK_SIZE ? w->base->zero_id : id);
}

static uint8_t *held_data(const struct capture_worker *w, size_t i)
{
    return w->base->data + i * CHUNK_SIZE;
}

/* Whole chunks side by side; the last one of a partition, wherever it stands, alone. */
static void hash_held(struct capture_worker *w)
{
    const uint8_t *data[RUN_CHUNKS] = {NULL};
    uint8_t ids[RUN_CHUNKS][CHUNK_ID_SIZE];
    size_t at[RUN_CHUNKS], whole = 0;

    for (size_t i = 0; i < w->count; i++)
        if (w->held[i].size == CHUNK_SIZE) {
            at[whole] = i;
            data[whole++] = held_data(w, i);
        } else {
            chunk_id_compute(held_data(w, i), w->held[i].size, w->ids[i]);
        }
    chunk_id_compute_many(data, whole, CHUNK_SIZE, ids);
    for (size_t k = 0; k < whole; k++)
        memcpy(w->ids[at[k]], ids[k], CHUNK_ID_SIZE);
    for (size_t i = 0; i < w->count; i++)
        caibx_set_id(&w->held[i].region->index, w->held[i].chunk, w->ids[i]);
}

static int send_batch(struct capture_worker *w, struct pipeline *l, struct failure *f)
{
    if (store_put_chunks(w->base->store, w->batch, f))
        return -1;
    pipeline_count(l, 0, w->batch->size);
    chunk_batch_clear(w->batch);
    return 0;
}

static int send_missing(struct capture_worker *w, struct pipeline *l, struct failure *f)
{
    for (size_t i = 0; i < w->count && !pipeline_stopped(l); i++) {
        if (!w->missing[i])
            continue;
        if (chunk_batch_full(w->batch) && send_batch(w, l, f))
            return -1;
        if (chunk_batch_add(w->batch, w->base->packer, w->ids[i], held_data(w, i), w->held[i].size, f))
            return -1;
    }
    return send_batch(w, l, f);
}

int capture_run_finish(void *arg, void *worker, struct pipeline *l, struct failure *f)
{
    struct capture_worker *w = worker;

    (void)arg;
    if (!w->count)
        return 0;
    hash_held(w);
    if (store_missing(w->base->store, (const uint8_t(*)[CHUNK_ID_SIZE])w->ids, w->count, w->missing, f) ||
        send_missing(w, l, f))
        return -1;
    for (size_t i = 0; i < w->count; i++)
        pipeline_count(l, w->held[i].used, 0);
    w->count = 0;
    return 0;
}

/* Reads a chunk into the next free place; it stays there unless it is all zeros. */
static int take_chunk(const struct capture_shared *c, struct capture_worker *w, struct region *g, size_t chunk,
                      struct pipeline *l, struct failure *f)
{
    uint64_t from = (uint64_t)chunk * CHUNK_SIZE, used = 0, start, end;
    size_t size = caibx_chunk_size(&g->index, chunk);
    uint8_t *data = held_data(w, w->count);

    if (block_map_next(&g->map, from, from + size, &start, &end) && read_used(c, g, from, from + size, data, &used, f))
        return -1;
    if (used && !bytes_are_zero(data, size)) {
        w->held[w->count++] = (struct held){g, chunk, size, used};
        return 0;
    }
    set_zero(w, g, chunk);
    pipeline_count(l, used, 0);
    return 0;
}

int capture_run(void *arg, void *worker, size_t run, struct pipeline *l, struct failure *f)
{
    const struct capture_shared *c = arg;
    struct capture_worker *w = worker;
    struct run r = region_set_run(&c->regions, run);

    for (size_t i = 0; i < r.count && !pipeline_stopped(l); i++)
        if (take_chunk(c, w, r.region, r.first + i, l, f) ||
            (w->count == RUN_CHUNKS && capture_run_finish(arg, w, l, f)))
            return -1;
    return 0;
}
