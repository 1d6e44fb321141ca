/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "agent/imaging/deploy_run.h"

#include <stdlib.h>
#include <string.h>

#include "agent/imaging/run_worker.h"

/* Where nothing has matched yet, one chunk of so many batches is compared: a disk with other content costs next to
 * nothing, and what matches, from an earlier deploy or one that was cut off, is found before long. */
#define PROBE_BATCHES 4

enum state {
    NEEDED, /* to be fetched, and not verified */
    RIGHT,  /* fetched and verified: to be written */
    KEPT,   /* on the disk already, just read and hashed */
    BAD,    /* not to be had */
};

/* A chunk that is not zeros; its data belongs into the worker's buffer at the same place. */
struct held {
    struct region *region;
    size_t chunk, size;
    enum state state;
};

struct deploy_worker {
    struct run_worker *base;
    size_t count, batches;
    struct held held[RUN_CHUNKS];
};

void deploy_run_close(void *arg, void *worker)
{
    struct deploy_worker *w = worker;

    if (w->base)
        run_worker_close(arg, w->base);
    free(w);
}

void *deploy_run_open(void *arg, struct failure *f)
{
    const struct deploy_shared *d = arg;
    struct deploy_worker *w = calloc(1, sizeof(*w));

    if (!w) {
        fail(f, "out-of-memory", "no memory for a worker");
        return NULL;
    }
    w->base = run_worker_new(d->store, f);
    if (w->base && (w->base->fetcher = chunk_fetcher_new(w->base->store, f)))
        return w;
    deploy_run_close(arg, w);
    return NULL;
}

static const uint8_t *held_id(const struct held *h)
{
    return caibx_id(&h->region->index, h->chunk);
}

static uint64_t held_offset(const struct held *h)
{
    return h->region->start + (uint64_t)h->chunk * CHUNK_SIZE;
}

static uint8_t *held_data(const struct deploy_worker *w, size_t i)
{
    return w->base->data + i * CHUNK_SIZE;
}

/* Hashes the chunks in the buffer for which `pick` is true, whole ones side by side; pick[i] then tells whether chunk i
 * is what its id says. */
static void hash_held(const struct deploy_worker *w, bool *pick)
{
    const uint8_t *data[RUN_CHUNKS] = {NULL};
    uint8_t ids[RUN_CHUNKS][CHUNK_ID_SIZE], id[CHUNK_ID_SIZE];
    size_t at[RUN_CHUNKS], whole = 0;

    for (size_t i = 0; i < w->count; i++) {
        if (pick[i] && w->held[i].size == CHUNK_SIZE) {
            at[whole] = i;
            data[whole++] = held_data(w, i);
        } else if (pick[i]) {
            chunk_id_compute(held_data(w, i), w->held[i].size, id);
            pick[i] = !memcmp(id, held_id(&w->held[i]), CHUNK_ID_SIZE);
        }
    }
    chunk_id_compute_many(data, whole, CHUNK_SIZE, ids);
    for (size_t k = 0; k < whole; k++)
        pick[at[k]] = !memcmp(ids[k], held_id(&w->held[at[k]]), CHUNK_ID_SIZE);
}

/* Reads and compares the needed chunks for which `pick` is true. A sector that cannot be read is one to be written.
 * Returns how many are kept. */
static size_t compare(struct deploy_shared *d, struct deploy_worker *w, bool *pick)
{
    struct failure ignored;
    size_t kept = 0;

    for (size_t i = 0; i < w->count; i++) {
        const struct held *h = &w->held[i];
        pick[i] = pick[i] && h->state == NEEDED &&
                  !disk_io_read(h->region->disk, held_offset(h), held_data(w, i), h->size, &ignored);
    }
    hash_held(w, pick);
    for (size_t i = 0; i < w->count; i++)
        if (pick[i]) {
            w->held[i].state = KEPT;
            atomic_store(&w->held[i].region->matching, BATCHES_COMPARED);
            atomic_fetch_add(&d->kept, w->held[i].size);
            kept++;
        }
    return kept;
}

/* Whether anything is picked. */
static bool pick_matching(const struct deploy_worker *w, bool *pick)
{
    bool any = false;

    for (size_t i = 0; i < w->count; i++) {
        pick[i] = atomic_load(&w->held[i].region->matching) > 0;
        any |= pick[i];
    }
    return any;
}

/* Whole batches are compared as long as they bring something; else a probe now and then. */
static void keep_what_is_right(struct deploy_shared *d, struct deploy_worker *w)
{
    bool pick[RUN_CHUNKS] = {false};

    if (pick_matching(w, pick)) {
        if (!compare(d, w, pick))
            atomic_fetch_sub(&w->held[w->count - 1].region->matching, 1);
    } else if (w->batches % PROBE_BATCHES == 0) {
        pick[0] = true;
        if (compare(d, w, pick) && pick_matching(w, pick))
            compare(d, w, pick);
    }
    w->batches++;
}

/* A chunk that cannot be had is remembered; the others go on. Any other failure ends the deploy. */
static int take_bad(struct deploy_shared *d, struct held *h, const struct failure *f)
{
    if (strcmp(f->reason, "bad-chunk"))
        return -1;
    bad_chunks_add(&d->bad, f);
    h->state = BAD;
    return 0;
}

/* What came damaged, or not at all, is tried once more before it counts as bad. */
static int repair(struct deploy_shared *d, struct deploy_worker *w, const bool *good, struct failure *f)
{
    for (size_t i = 0; i < w->count; i++) {
        struct held *h = &w->held[i];
        if (h->state != NEEDED)
            continue;
        h->state = RIGHT;
        if (!good[i] && chunk_fetch(w->base->fetcher, held_id(h), held_data(w, i), h->size, h->region->what, f) &&
            take_bad(d, h, f))
            return -1;
    }
    return 0;
}

static int fetch(struct deploy_shared *d, struct deploy_worker *w, struct pipeline *l, struct failure *f)
{
    bool good[RUN_CHUNKS] = {false};

    for (size_t i = 0; i < w->count && !pipeline_stopped(l); i++) {
        const struct held *h = &w->held[i];
        long fetched;
        if (h->state != NEEDED)
            continue;
        fetched = chunk_fetch_unverified(w->base->fetcher, held_id(h), held_data(w, i), h->size, &good[i], f);
        if (fetched >= 0)
            pipeline_count(l, 0, (uint64_t)fetched);
        else if (strcmp(f->reason, "bad-chunk"))
            return -1;
    }
    if (pipeline_stopped(l))
        return 0;
    hash_held(w, good);
    return repair(d, w, good, f);
}

/* Whether chunk i lies behind its neighbour on the disk, too, and has the same fate. */
static bool goes_on(const struct deploy_worker *w, size_t i)
{
    const struct held *a = &w->held[i - 1], *b = &w->held[i];

    return a->region == b->region && a->chunk + 1 == b->chunk && a->state == b->state;
}

static int write_held(const struct deploy_worker *w, struct pipeline *l, struct failure *f)
{
    size_t i = 0;

    while (i < w->count && !pipeline_stopped(l)) {
        const struct held *first = &w->held[i];
        const uint8_t *data = held_data(w, i);
        size_t size = 0;
        do
            size += w->held[i++].size;
        while (i < w->count && goes_on(w, i));
        if (first->state == RIGHT && disk_io_write(first->region->disk, held_offset(first), data, size, f))
            return -1;
        pipeline_count(l, size, 0);
    }
    return 0;
}

int deploy_run_finish(void *arg, void *worker, struct pipeline *l, struct failure *f)
{
    struct deploy_shared *d = arg;
    struct deploy_worker *w = worker;

    if (!w->count)
        return 0;
    keep_what_is_right(d, w);
    if (fetch(d, w, l, f) || (!pipeline_stopped(l) && write_held(w, l, f)))
        return -1;
    w->count = 0;
    return 0;
}

/* Makes zeros of `count` chunks from `first`. */
static int write_zeros(const struct run *r, size_t first, size_t count, struct pipeline *l, struct failure *f)
{
    size_t size = 0;

    for (size_t i = 0; i < count; i++)
        size += caibx_chunk_size(&r->region->index, first + i);
    if (disk_io_zero(r->region->disk, r->region->start + (uint64_t)first * CHUNK_SIZE, size, f))
        return -1;
    pipeline_count(l, size, 0);
    return 0;
}

int deploy_run(void *arg, void *worker, size_t run, struct pipeline *l, struct failure *f)
{
    const struct deploy_shared *d = arg;
    struct deploy_worker *w = worker;
    struct run r = region_set_run(d->regions, run);
    const struct caibx *x = &r.region->index;
    size_t i = r.first, end = r.first + r.count;

    while (i < end && !pipeline_stopped(l)) {
        size_t zeros = 0;
        while (i + zeros < end && !memcmp(caibx_id(x, i + zeros), w->base->zero_id, CHUNK_ID_SIZE))
            zeros++;
        if (zeros && write_zeros(&r, i, zeros, l, f))
            return -1;
        i += zeros;
        if (i == end)
            break;
        w->held[w->count++] = (struct held){r.region, i, caibx_chunk_size(x, i), NEEDED};
        i++;
        if (w->count == RUN_CHUNKS && deploy_run_finish(arg, w, l, f))
            return -1;
    }
    return 0;
}
