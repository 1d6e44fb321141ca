/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What one worker of a capture or of a deploy owns while it goes from run to run. */
#ifndef SLIPWAY_AGENT_RUN_WORKER_H
#define SLIPWAY_AGENT_RUN_WORKER_H

#include <stdint.h>

#include "agent/image/chunk_fetch.h"
#include "agent/image/chunk_id.h"
#include "agent/image/chunk_pack.h"
#include "agent/image/store.h"

struct run_worker {
    struct store *store;
    struct chunk_packer *packer;    /* capture only */
    struct chunk_fetcher *fetcher;  /* deploy only; uses the store */
    uint8_t *data;                  /* RUN_SIZE bytes, aligned for the disk: chunk i of the run at i * CHUNK_SIZE */
    uint8_t zero_id[CHUNK_ID_SIZE]; /* of a whole chunk of zeros */
};

/* With a clone of the store, without packer and fetcher. Returns NULL with *f (out-of-memory, or why the store cannot
 * be cloned). Release with run_worker_close. */
struct run_worker *run_worker_new(const struct store *store, struct failure *f);

/* For struct pipeline_work; `arg` is not used. `worker` is a struct run_worker and all that it owns. */
void run_worker_close(void *arg, void *worker);

#endif
