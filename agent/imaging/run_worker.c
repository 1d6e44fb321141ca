/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "agent/imaging/run_worker.h"

#include <stdlib.h>

#include "agent/disk/disk_io.h"
#include "agent/imaging/region.h"

void run_worker_close(void *arg, void *worker)
{
    struct run_worker *w = worker;

    (void)arg;
    chunk_fetcher_free(w->fetcher);
    chunk_packer_free(w->packer);
    store_close(w->store);
    free(w->data);
    free(w);
}

struct run_worker *run_worker_new(const struct store *store, struct failure *f)
{
    struct run_worker *w = calloc(1, sizeof(*w));

    if (!w) {
        fail(f, "out-of-memory", "no memory for a worker");
        return NULL;
    }
    chunk_id_zeros(CHUNK_SIZE, w->zero_id);
    w->data = aligned_alloc(DISK_IO_ALIGN, RUN_SIZE);
    if (!w->data)
        fail(f, "out-of-memory", "no memory for a worker's %zu bytes", RUN_SIZE);
    else
        w->store = store_clone(store, f);
    if (w->store)
        return w;
    run_worker_close(NULL, w);
    return NULL;
}
