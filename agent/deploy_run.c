/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "agent/deploy_run.h"

#include <string.h>

/* Where nothing has matched yet, one chunk of so many runs is compared: a disk with other content costs next to
 * nothing, and what matches, from an earlier deploy or one that was cut off, is found at the latest so much further on.
 */
#define PROBE_RUNS 4

enum state {
    NEEDED, /* to be fetched, and not verified */
    ZERO,   /* whole chunk of zeros */
    RIGHT,  /* fetched and verified: to be written */
    KEPT,   /* on the disk already, just read and hashed */
    BAD,    /* not to be had */
};

void *deploy_run_open(void *arg, struct failure *f)
{
    const struct deploy_shared *d = arg;
    struct run_worker *w = run_worker_new(d->store, f);

    if (!w || (w->fetcher = chunk_fetcher_new(w->store, f)))
        return w;
    run_worker_close(arg, w);
    return NULL;
}

static const uint8_t *run_id(const struct run *r, size_t i)
{
    return caibx_id(&r->region->index, r->first + i);
}

static size_t run_size(const struct run *r, size_t i)
{
    return caibx_chunk_size(&r->region->index, r->first + i);
}

static uint64_t run_offset(const struct run *r, size_t i)
{
    return r->region->start + (uint64_t)(r->first + i) * CHUNK_SIZE;
}

static uint8_t *run_data(const struct run_worker *w, size_t i)
{
    return w->data + i * CHUNK_SIZE;
}

/* Hashes the chunks in the buffer for which `pick` is true, whole ones side by side; pick[i] then tells whether chunk i
 * is what its id says. */
static void hash_run(const struct run_worker *w, const struct run *r, bool *pick)
{
    const uint8_t *data[RUN_CHUNKS] = {NULL};
    uint8_t ids[RUN_CHUNKS][CHUNK_ID_SIZE], id[CHUNK_ID_SIZE];
    size_t at[RUN_CHUNKS], whole = 0;

    for (size_t i = 0; i < r->count; i++) {
        if (pick[i] && run_size(r, i) == CHUNK_SIZE) {
            at[whole] = i;
            data[whole++] = run_data(w, i);
        } else if (pick[i]) {
            chunk_id_compute(run_data(w, i), run_size(r, i), id);
            pick[i] = !memcmp(id, run_id(r, i), CHUNK_ID_SIZE);
        }
    }
    chunk_id_compute_many(data, whole, CHUNK_SIZE, ids);
    for (size_t k = 0; k < whole; k++)
        pick[at[k]] = !memcmp(ids[k], run_id(r, at[k]), CHUNK_ID_SIZE);
}

/* Reads up to `limit` needed chunks from the disk and keeps those that are right. A sector that cannot be read is one
 * to be written. Returns how many are kept. */
static size_t compare(const struct run_worker *w, const struct run *r, enum state *state, size_t limit)
{
    bool pick[RUN_CHUNKS] = {false};
    struct failure ignored;
    size_t kept = 0;

    for (size_t i = 0; i < r->count && limit; i++)
        if (state[i] == NEEDED) {
            pick[i] = !disk_io_read(r->region->disk, run_offset(r, i), run_data(w, i), run_size(r, i), &ignored);
            limit--;
        }
    hash_run(w, r, pick);
    for (size_t i = 0; i < r->count; i++)
        if (pick[i]) {
            state[i] = KEPT;
            kept++;
        }
    return kept;
}

/* Whole runs are compared as long as they bring something; else a probe now and then. */
static void keep_what_is_right(struct deploy_shared *d, const struct run_worker *w, const struct run *r,
                               enum state *state)
{
    atomic_int *matching = &r->region->matching;
    size_t kept = 0;

    if (atomic_load(matching) > 0) {
        kept = compare(w, r, state, RUN_CHUNKS);
        if (!kept)
            atomic_fetch_sub(matching, 1);
    } else if (r->first / RUN_CHUNKS % PROBE_RUNS == 0) {
        kept = compare(w, r, state, 1);
        kept += kept ? compare(w, r, state, RUN_CHUNKS) : 0;
    }
    if (kept)
        atomic_store(matching, RUNS_COMPARED);
    for (size_t i = 0; i < r->count; i++)
        if (state[i] == KEPT)
            atomic_fetch_add(&d->kept, run_size(r, i));
}

/* A chunk that cannot be had is remembered; the others go on. Any other failure ends the deploy. */
static int take_bad(struct deploy_shared *d, enum state *state, const struct failure *f)
{
    if (strcmp(f->reason, "bad-chunk"))
        return -1;
    bad_chunks_add(&d->bad, f);
    *state = BAD;
    return 0;
}

static int fetch_run(struct deploy_shared *d, struct run_worker *w, const struct run *r, enum state *state,
                     struct pipeline *l, struct failure *f)
{
    bool pick[RUN_CHUNKS] = {false};

    for (size_t i = 0; i < r->count && !pipeline_stopped(l); i++) {
        long fetched;
        if (state[i] != NEEDED)
            continue;
        fetched = chunk_fetch_unverified(w->fetcher, run_id(r, i), run_data(w, i), run_size(r, i), &pick[i], f);
        if (fetched >= 0)
            pipeline_count(l, 0, (uint64_t)fetched);
        else if (strcmp(f->reason, "bad-chunk"))
            return -1;
    }
    if (pipeline_stopped(l))
        return 0;
    hash_run(w, r, pick);
    for (size_t i = 0; i < r->count; i++) {
        if (state[i] != NEEDED)
            continue;
        state[i] = RIGHT;
        if (!pick[i] && chunk_fetch(w->fetcher, run_id(r, i), run_data(w, i), run_size(r, i), r->region->what, f) &&
            take_bad(d, &state[i], f))
            return -1;
    }
    return 0;
}

/* Neighbours of the same kind are written at once. */
static int write_run(const struct run_worker *w, const struct run *r, const enum state *state, struct pipeline *l,
                     struct failure *f)
{
    size_t i = 0;

    while (i < r->count && !pipeline_stopped(l)) {
        size_t first = i, size = 0;
        for (; i < r->count && state[i] == state[first]; i++)
            size += run_size(r, i);
        if ((state[first] == ZERO && disk_io_zero(r->region->disk, run_offset(r, first), size, f)) ||
            (state[first] == RIGHT &&
             disk_io_write(r->region->disk, run_offset(r, first), run_data(w, first), size, f)))
            return -1;
        pipeline_count(l, size, 0);
    }
    return 0;
}

int deploy_run(void *arg, void *worker, size_t run, struct pipeline *l, struct failure *f)
{
    struct deploy_shared *d = arg;
    struct run_worker *w = worker;
    struct run r = region_set_run(d->regions, run);
    enum state state[RUN_CHUNKS];

    for (size_t i = 0; i < r.count; i++)
        state[i] = memcmp(run_id(&r, i), w->zero_id, CHUNK_ID_SIZE) ? NEEDED : ZERO;
    keep_what_is_right(d, w, &r, state);
    if (fetch_run(d, w, &r, state, l, f))
        return -1;
    return pipeline_stopped(l) ? 0 : write_run(w, &r, state, l, f);
}
