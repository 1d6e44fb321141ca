/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "agent/deploy_run.h"

#include <string.h>

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

static bool is_zero(const struct run_worker *w, const struct run *r, size_t i)
{
    return !memcmp(run_id(r, i), w->zero_id, CHUNK_ID_SIZE);
}

/* Fetches what is not zero; good[i] says which chunks could be decompressed. */
static int fetch_run(struct run_worker *w, const struct run *r, bool *good, struct pipeline *l, struct failure *f)
{
    for (size_t i = 0; i < r->count && !pipeline_stopped(l); i++) {
        long fetched;
        if (is_zero(w, r, i))
            continue;
        fetched =
            chunk_fetch_unverified(w->fetcher, run_id(r, i), w->data + i * CHUNK_SIZE, run_size(r, i), &good[i], f);
        if (fetched < 0)
            return strcmp(f->reason, "bad-chunk") ? -1
                                                  : fail(f, "bad-chunk", "%s: %.300s", r->region->what, f->message);
        pipeline_count(l, 0, (uint64_t)fetched);
    }
    return 0;
}

/* Hashes the good chunks side by side; those that are not what their id says become bad. */
static void verify_run(const struct run_worker *w, const struct run *r, bool *good)
{
    const uint8_t *data[RUN_CHUNKS] = {NULL};
    uint8_t ids[RUN_CHUNKS][CHUNK_ID_SIZE], id[CHUNK_ID_SIZE];
    size_t at[RUN_CHUNKS], whole = 0;

    for (size_t i = 0; i < r->count; i++) {
        if (good[i] && run_size(r, i) == CHUNK_SIZE) {
            at[whole] = i;
            data[whole++] = w->data + i * CHUNK_SIZE;
        } else if (good[i]) {
            chunk_id_compute(w->data + i * CHUNK_SIZE, run_size(r, i), id);
            good[i] = !memcmp(id, run_id(r, i), CHUNK_ID_SIZE);
        }
    }
    chunk_id_compute_many(data, whole, CHUNK_SIZE, ids);
    for (size_t k = 0; k < whole; k++)
        good[at[k]] = !memcmp(ids[k], run_id(r, at[k]), CHUNK_ID_SIZE);
}

static int repair_run(const struct run_worker *w, const struct run *r, const bool *good, struct failure *f)
{
    for (size_t i = 0; i < r->count; i++)
        if (!good[i] && !is_zero(w, r, i) &&
            chunk_fetch(w->fetcher, run_id(r, i), w->data + i * CHUNK_SIZE, run_size(r, i), r->region->what, f))
            return -1;
    return 0;
}

/* Neighbours of the same kind (data, zeros) are written at once. */
static int write_run(const struct run_worker *w, const struct run *r, struct pipeline *l, struct failure *f)
{
    size_t i = 0;

    while (i < r->count && !pipeline_stopped(l)) {
        bool zero = is_zero(w, r, i);
        size_t first = i, size = 0;
        uint64_t offset = r->region->start + (uint64_t)(r->first + first) * CHUNK_SIZE;
        for (; i < r->count && is_zero(w, r, i) == zero; i++)
            size += run_size(r, i);
        if (zero ? disk_io_zero(r->region->disk, offset, size, f)
                 : disk_io_write(r->region->disk, offset, w->data + first * CHUNK_SIZE, size, f))
            return -1;
        pipeline_count(l, zero ? 0 : size, 0);
    }
    return 0;
}

int deploy_run(void *arg, void *worker, size_t run, struct pipeline *l, struct failure *f)
{
    const struct deploy_shared *d = arg;
    struct run_worker *w = worker;
    struct run r = region_set_run(d->regions, run);
    bool good[RUN_CHUNKS] = {false};

    if (fetch_run(w, &r, good, l, f))
        return -1;
    if (pipeline_stopped(l))
        return 0;
    verify_run(w, &r, good);
    return repair_run(w, &r, good, f) || write_run(w, &r, l, f) ? -1 : 0;
}
