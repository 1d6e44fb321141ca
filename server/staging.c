/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "server/staging.h"

#include <dirent.h>
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "server/files.h"
#include "server/jobs.h"
#include "server/log.h"

void staging_path(const struct server *s, int64_t job, const char *name, char ret[STAGING_PATH])
{
    snprintf(ret, STAGING_PATH, "%s/staging/%" PRId64 "%s%s", s->store, job, name ? "/" : "", name ? name : "");
}

static int rename_alive(struct server *s, int64_t job, const char *temporary, const char *name, struct refusal *r)
{
    char folder[STAGING_PATH], path[STAGING_PATH];
    json_t *row = jobs_get(s, job, r);
    int rc = -1;

    if (!row)
        return -1;
    staging_path(s, job, NULL, folder);
    staging_path(s, job, name, path);
    if (!jobs_unfinished(row))
        refuse(r, 409, "job-over", "job %lld has ended", (long long)job);
    else if (folder_make(folder) || rename(temporary, path) || folder_sync(folder))
        refuse_errno(r, errno, "staging a file");
    else
        rc = 0;
    json_decref(row);
    return rc;
}

int staging_write(struct server *s, int64_t job, const char *name, const void *data, size_t size, struct refusal *r)
{
    char temporary[STAGING_PATH];
    int rc;

    snprintf(temporary, sizeof(temporary), "%s/tmp/%" PRIuFAST64, s->store, atomic_fetch_add(&s->next_temporary, 1));
    if (file_write(temporary, data, size, true))
        return refuse_errno(r, errno, "writing a file of the image");
    server_lock(s);
    rc = rename_alive(s, job, temporary, name, r);
    server_unlock(s);
    if (rc)
        unlink(temporary);
    return rc;
}

void staging_remove(struct server *s, int64_t job)
{
    char folder[STAGING_PATH];

    staging_path(s, job, NULL, folder);
    if (tree_remove(folder))
        log_line("cannot remove %s (errno %d)", folder, errno);
}

static int make_folders(const struct server *s, struct refusal *r)
{
    static const char *const folders[] = {"images", "chunks.castr", "staging", "tmp", "jobs"};

    for (size_t i = 0; i < sizeof(folders) / sizeof(folders[0]); i++) {
        char path[STAGING_PATH];

        snprintf(path, sizeof(path), "%s/%s", s->store, folders[i]);
        if (i == 3 && tree_remove(path))
            return refuse_errno(r, errno, path);
        if (folder_make(path))
            return refuse_errno(r, errno, path);
    }
    return 0;
}

int staging_prepare(struct server *s, struct refusal *r)
{
    char path[STAGING_PATH];
    struct dirent *entry;
    DIR *dir;

    if (make_folders(s, r))
        return -1;
    snprintf(path, sizeof(path), "%s/staging", s->store);
    dir = opendir(path);
    if (!dir)
        return refuse_errno(r, errno, path);
    while ((entry = readdir(dir))) {
        int64_t id = strtoll(entry->d_name, NULL, 10);
        json_t *job = id > 0 ? jobs_get(s, id, r) : NULL;

        if (id > 0 && !(job && jobs_unfinished(job)))
            staging_remove(s, id);
        json_decref(job);
    }
    closedir(dir);
    return 0;
}
