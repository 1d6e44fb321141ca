/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "server/sweep.h"

#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "server/chunks.h"
#include "server/files.h"
#include "server/images.h"
#include "server/index.h"
#include "server/log.h"
#include "server/marks.h"
#include "server/names.h"

struct sweep {
    struct marks keep;
    struct sweep_result *result;
};

static int mark_file(struct marks *m, const char *path, struct refusal *r)
{
    uint8_t *data;
    size_t size;
    struct index x;
    int rc;

    if (file_read(path, IMAGE_FILE_MAX, &data, &size))
        return refuse_errno(r, errno, path);
    rc = index_parse(path, data, size, &x, r);
    if (rc == 0 && marks_add(m, &x))
        rc = refuse(r, 500, "internal", "out of memory");
    free(data);
    return rc;
}

static int mark_indexes(struct marks *m, const char *folder, struct refusal *r)
{
    DIR *dir = opendir(folder);
    struct dirent *entry;
    int rc = 0;

    if (!dir)
        return refuse_errno(r, errno, folder);
    while (rc == 0 && (errno = 0, entry = readdir(dir))) {
        char path[IMAGE_PATH + 512];

        snprintf(path, sizeof(path), "%s/%s", folder, entry->d_name);
        if (name_is_index(entry->d_name))
            rc = mark_file(m, path, r);
    }
    if (rc == 0 && errno)
        rc = refuse_errno(r, errno, folder);
    closedir(dir);
    return rc;
}

/* An image that is deleted while it is read keeps nothing: its chunks may go, and whoever asked for this sweep shall
 * not be told of another image's end. */
static int mark_image(struct marks *m, const char *folder, struct refusal *r)
{
    int rc = mark_indexes(m, folder, r);

    return rc && access(folder, F_OK) && errno == ENOENT ? 0 : rc;
}

static int mark_all(const struct server *s, struct marks *m, struct refusal *r)
{
    char images[IMAGE_PATH], folder[IMAGE_PATH];
    struct dirent *entry;
    DIR *dir;
    int rc = 0;

    snprintf(images, sizeof(images), "%s/images", s->store);
    dir = opendir(images);
    if (!dir)
        return refuse_errno(r, errno, images);
    while (rc == 0 && (errno = 0, entry = readdir(dir))) {
        if (!name_is_image(entry->d_name))
            continue;
        image_path(s, entry->d_name, NULL, folder);
        rc = mark_image(m, folder, r);
    }
    if (rc == 0 && errno)
        rc = refuse_errno(r, errno, images);
    closedir(dir);
    marks_sort(m);
    return rc;
}

static int remove_unmarked(void *arg, const uint8_t id[CHUNK_ID], const char *path, const struct stat *st,
                           struct refusal *r)
{
    struct sweep *w = arg;

    if (marks_has(&w->keep, id))
        return 0;
    if (unlink(path))
        return refuse_errno(r, errno, path);
    w->result->chunks++;
    w->result->bytes += (uint64_t)st->st_size;
    return 0;
}

static int sweep(struct server *s, struct sweep_result *ret, struct refusal *r)
{
    struct sweep w = {.result = ret};
    int rc = mark_all(s, &w.keep, r);

    if (rc == 0)
        rc = chunks_visit(s, remove_unmarked, &w, r);
    marks_release(&w.keep);
    if (rc)
        return -1;
    ret->done = true;
    log_line("sweep: %llu chunks removed, %llu bytes freed", (unsigned long long)ret->chunks,
             (unsigned long long)ret->bytes);
    return 0;
}

int sweep_want(struct server *s, struct refusal *r)
{
    return database_run(s->database, r, "UPDATE settings SET value = value + 1 WHERE name = 'sweep-wanted'", "") < 0
               ? -1
               : 0;
}

/* Whether a capture runs: 0, 1, or -1 with *r; and how many wishes a sweep that begins now fulfils. */
static int capture_runs(struct server *s, int64_t *ret_wanted, struct refusal *r)
{
    json_t *row;
    int busy;

    server_lock(s);
    row = database_row(s->database, r,
                       "SELECT id FROM jobs WHERE kind = 'capture' AND state IN ('running', 'cancelling')", "");
    busy = !row || server_setting(s, "sweep-wanted", ret_wanted, r) ? -1 : !json_is_null(row);
    json_decref(row);
    server_unlock(s);
    return busy;
}

/* What was wished while the sweep ran may have come too late for it: then all wishes stay. */
static int fulfil(struct server *s, int64_t wanted, struct refusal *r)
{
    if (database_begin(s->database, true, r))
        return -1;
    if (database_run(s->database, r, "UPDATE settings SET value = 0 WHERE name = 'sweep-wanted' AND value = ?", "i",
                     wanted) < 0) {
        database_rollback(s->database);
        return -1;
    }
    return database_commit(s->database, r);
}

int sweep_if_idle(struct server *s, struct sweep_result *ret, struct refusal *r)
{
    int64_t wanted = 0;
    int rc;

    *ret = (struct sweep_result){0};
    pthread_rwlock_wrlock(&s->store_lock);
    rc = capture_runs(s, &wanted, r);
    if (rc == 0)
        rc = sweep(s, ret, r);
    if (ret->done) {
        server_lock(s);
        rc = fulfil(s, wanted, r);
        server_unlock(s);
    }
    pthread_rwlock_unlock(&s->store_lock);
    return rc < 0 ? -1 : 0;
}
