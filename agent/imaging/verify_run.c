/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "agent/imaging/verify_run.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "agent/imaging/run_worker.h"
#include "agent/layout/boot_area.h"

static const struct verify_place *place_of(const struct verify_shared *v, const struct region *g)
{
    return &v->places[g - v->regions.list];
}

void verify_tell(struct verify_shared *v, const struct verify_finding *finding)
{
    pthread_mutex_lock(&v->lock);
    v->result.findings++;
    v->request->found(v->request->arg, finding);
    pthread_mutex_unlock(&v->lock);
}

void verify_found(struct verify_shared *v, enum verify_kind kind, const struct region *g, uint64_t offset,
                  uint64_t size, const uint8_t *id, const char *wrong)
{
    char what[512], hex[CHUNK_TEXT_SIZE] = "";
    const struct verify_finding finding = {.kind = kind,
                                           .disk = place_of(v, g)->disk,
                                           .partition = place_of(v, g)->partition,
                                           .offset = offset,
                                           .size = size,
                                           .what = what,
                                           .chunk = hex};

    if (id)
        chunk_id_format(id, hex);
    snprintf(what, sizeof(what), "%s, byte %" PRIu64 ": %s%s%s", g->what, offset, wrong, id ? ", chunk " : "", hex);
    verify_tell(v, &finding);
}

void *verify_run_open(void *arg, struct failure *f)
{
    const struct verify_shared *v = arg;
    struct run_worker *w = run_worker_new(v->store, f);

    if (!w || (w->fetcher = chunk_fetcher_new(w->store, f)))
        return w;
    run_worker_close(NULL, w);
    return NULL;
}

static bool hash_is(const uint8_t *data, size_t size, const uint8_t id[CHUNK_ID_SIZE])
{
    uint8_t found[CHUNK_ID_SIZE];

    chunk_id_compute(data, size, found);
    return !memcmp(found, id, CHUNK_ID_SIZE);
}

static int check_stored(struct verify_shared *v, struct run_worker *w, const struct region *g, size_t i,
                        struct pipeline *l, struct failure *f)
{
    const uint8_t *id = caibx_id(&g->index, i);
    size_t size = caibx_chunk_size(&g->index, i);
    uint64_t offset = (uint64_t)i * CHUNK_SIZE;
    bool good = false;
    long fetched = chunk_fetch_unverified(w->fetcher, id, w->data, size, &good, f);

    if (fetched < 0 && strcmp(f->reason, "bad-chunk"))
        return -1;
    if (fetched < 0)
        verify_found(v, VERIFY_MISSING, g, offset, size, id, "it is missing in the store");
    else if (!good)
        verify_found(v, VERIFY_DAMAGED, g, offset, size, id, "it does not decompress to its size");
    else if (!hash_is(w->data, size, id))
        verify_found(v, VERIFY_DAMAGED, g, offset, size, id, "its content has another hash");
    pipeline_count(l, size, fetched > 0 ? (uint64_t)fetched : 0);
    return 0;
}

static void check_disk(struct verify_shared *v, struct run_worker *w, const struct region *g, size_t i,
                       struct pipeline *l)
{
    size_t size = caibx_chunk_size(&g->index, i);
    uint64_t offset = (uint64_t)i * CHUNK_SIZE, start, end;
    bool boot = place_of(v, g)->partition == 0,
         any = boot || block_map_next(&g->map, offset, offset + size, &start, &end);
    struct failure f;

    if (any && (boot ? boot_area_read(g->disk, place_of(v, g)->manifest, w->data, size, &f)
                     : disk_io_read(g->disk, g->start + offset, w->data, size, &f))) {
        verify_found(v, VERIFY_UNREADABLE, g, offset, size, NULL, f.message);
        return;
    }
    if (!any)
        memset(w->data, 0, size);
    else if (!boot)
        block_map_blank(&g->map, offset, offset + size, w->data);
    if (!hash_is(w->data, size, caibx_id(&g->index, i)))
        verify_found(v, VERIFY_DIFFERS, g, offset, size, NULL, "the disk holds something else");
    pipeline_count(l, size, 0);
}

static bool is_zero(const struct run_worker *w, const struct region *g, size_t i)
{
    return !memcmp(caibx_id(&g->index, i), w->zero_id, CHUNK_ID_SIZE);
}

/* The chunk of zeros, stored once, is looked at where it comes first; a disk must hold each of them. */
int verify_run(void *arg, void *worker, size_t run, struct pipeline *l, struct failure *f)
{
    struct verify_shared *v = arg;
    struct run_worker *w = worker;
    struct run r = region_set_run(&v->regions, run);

    for (size_t i = r.first; i < r.first + r.count && !pipeline_stopped(l); i++) {
        if (v->compares)
            check_disk(v, w, r.region, i, l);
        else if (is_zero(w, r.region, i) && atomic_flag_test_and_set(&v->zero_seen))
            pipeline_count(l, CHUNK_SIZE, 0);
        else if (check_stored(v, w, r.region, i, l, f))
            return -1;
    }
    pthread_mutex_lock(&v->lock);
    v->result.chunks += r.count;
    pthread_mutex_unlock(&v->lock);
    return 0;
}
