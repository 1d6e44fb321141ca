/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "server/recover.h"

#include <errno.h>
#include <stdlib.h>
#include <unistd.h>

#include "server/chunks.h"
#include "server/files.h"
#include "server/log.h"

/* Clocks jump and file systems round: chunks a little older than the last flush are looked at, too. */
#define SLACK_SECONDS 3600

struct recovery {
    int64_t since; /* seconds since 1970 */
    uint64_t looked_at, removed;
};

static int check_chunk(void *arg, const uint8_t id[CHUNK_ID], const char *path, const struct stat *st,
                       struct refusal *r)
{
    struct recovery *c = arg;
    uint8_t *frame = NULL;
    size_t size = 0;
    int bad;

    if (st->st_mtime < c->since)
        return 0;
    c->looked_at++;
    if (file_read(path, CHUNK_FRAME_MAX, &frame, &size) && errno != EFBIG && errno != EIO)
        return refuse_errno(r, errno, path);
    bad = !frame || chunks_verify(&(struct chunk_frame){id, frame, size}, 1, r);
    free(frame);
    if (!bad)
        return 0;
    log_line("removing torn chunk %s", path);
    c->removed++;
    return unlink(path) ? refuse_errno(r, errno, path) : 0;
}

int store_recover(struct server *s, struct refusal *r)
{
    struct recovery c = {0};
    int64_t dirty = 0, synced = 0;
    int rc;

    server_lock(s);
    rc = server_setting(s, "store-dirty", &dirty, r) || server_setting(s, "store-synced", &synced, r) ? -1 : 0;
    server_unlock(s);
    if (rc || !dirty)
        return rc;
    c.since = synced / 1000 - SLACK_SECONDS;
    log_line("the store was not closed: checking the chunks written last");
    if (chunks_visit(s, check_chunk, &c, r))
        return -1;
    log_line("%llu chunks checked, %llu removed", (unsigned long long)c.looked_at, (unsigned long long)c.removed);
    return store_mark_clean(s, r);
}

int store_mark_clean(struct server *s, struct refusal *r)
{
    int64_t before = clock_ms();
    int rc;

    if (chunks_sync(s, r))
        return -1;
    server_lock(s);
    rc = server_set_setting(s, "store-synced", before, r) || server_set_setting(s, "store-dirty", 0, r) ? -1 : 0;
    server_unlock(s);
    atomic_store(&s->store_dirty, false);
    return rc;
}
