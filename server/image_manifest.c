/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "server/images.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "server/chunks.h"
#include "server/digest.h"
#include "server/files.h"
#include "server/index.h"
#include "server/jobs.h"
#include "server/json_body.h"
#include "server/machine_systems.h"
#include "server/log.h"
#include "server/staging.h"

#define PARTITIONS_MAX 1024

static int check_chunks(const struct server *s, const char *name, const struct index *x, struct refusal *r)
{
    char hex[CHUNK_HEX];

    for (size_t i = 0; i < x->count; i++) {
        const uint8_t *id = index_chunk(x, i);

        if (i > 0 && memcmp(id, index_chunk(x, i - 1), CHUNK_ID) == 0)
            continue;
        if (!chunk_exists(s, id)) {
            name_chunk_hex(id, hex);
            return refuse(r, 400, "bad-manifest", "%s names chunk %s, which the store does not have", name, hex);
        }
    }
    return 0;
}

static int check_data(const struct server *s, const char *name, const json_t *part, const uint8_t *data, size_t size,
                      struct refusal *r)
{
    char sum[CHUNK_HEX];
    struct index x;

    if (digest_file(data, size, sum))
        return refuse(r, 500, "internal", "SHA-256 failed");
    if (strcmp(sum, row_text(part, "sha256")) != 0)
        return refuse(r, 400, "bad-manifest", "%s here has the SHA-256 %s, the manifest says %.64s", name, sum,
                      row_text(part, "sha256"));
    if (index_parse(name, data, size, &x, r))
        return -1;
    if (x.blob_size != (uint64_t)row_integer(part, "size"))
        return refuse(r, 400, "bad-manifest", "%s describes %llu bytes, the manifest says %lld", name,
                      (unsigned long long)x.blob_size, (long long)row_integer(part, "size"));
    return check_chunks(s, name, &x, r);
}

/* One partition or the boot area: its index must have been staged, be the one that is meant, and be backed by chunks.
 */
static int check_part(const struct server *s, int64_t job, const json_t *part, struct refusal *r)
{
    const char *name = row_text(part, "index");
    char path[STAGING_PATH];
    uint8_t *data;
    size_t size;
    int rc;

    if (!json_is_object(part) || !name_is_index(name) || !json_is_integer(json_object_get(part, "start")) ||
        row_integer(part, "start") < 0)
        return refuse(r, 400, "bad-manifest", "a partition or boot area lacks its start, size, index or sha256");
    staging_path(s, job, name, path);
    if (file_read(path, IMAGE_FILE_MAX, &data, &size)) {
        if (errno == ENOENT)
            return refuse(r, 400, "bad-manifest", "the index %s was not uploaded", name);
        return refuse_errno(r, errno, path);
    }
    rc = check_data(s, name, part, data, size, r);
    free(data);
    return rc;
}

static int check_head(const json_t *job, const json_t *m, struct refusal *r)
{
    if (row_integer(m, "format") != 1)
        return refuse(r, 400, "bad-manifest", "\"format\" is not 1");
    if (strcmp(row_text(m, "name"), row_text(job, "image")) != 0)
        return refuse(r, 400, "bad-manifest", "\"name\" is %.64s, the job captures %s", row_text(m, "name"),
                      row_text(job, "image"));
    if (row_integer(m, "chunk_size") != CHUNK_SIZE)
        return refuse(r, 400, "bad-manifest", "\"chunk_size\" is not %u", CHUNK_SIZE);
    if (row_integer(json_object_get(m, "disk"), "size") <= 0)
        return refuse(r, 400, "bad-manifest", "\"disk\" has no size");
    if (!json_is_array(json_object_get(m, "partitions")) ||
        json_array_size(json_object_get(m, "partitions")) > PARTITIONS_MAX)
        return refuse(r, 400, "bad-manifest", "\"partitions\" is no array of at most %d", PARTITIONS_MAX);
    return 0;
}

static int check_disk(const struct server *s, const json_t *job, const json_t *m, struct refusal *r)
{
    int64_t id = row_integer(job, "id");
    const json_t *boot = json_object_get(m, "boot"), *part;
    size_t i;

    if (check_head(job, m, r) || (boot && !json_is_null(boot) && check_part(s, id, boot, r)))
        return -1;
    json_array_foreach(json_object_get(m, "partitions"), i, part)
    {
        if (check_part(s, id, part, r))
            return -1;
    }
    return 0;
}

/* The manifest of disk `number` (from 2), staged before, as `entry` names it: a new reference, or NULL with *r. */
static json_t *read_disk(const struct server *s, int64_t job, const json_t *entry, size_t number, struct refusal *r)
{
    char path[STAGING_PATH], sum[CHUNK_HEX], name[32];
    json_error_t error;
    uint8_t *data;
    size_t size;
    json_t *m = NULL;

    snprintf(name, sizeof(name), "disk%zu.json", number);
    if (strcmp(row_text(entry, "manifest"), name) != 0) {
        refuse(r, 400, "bad-manifest", "\"disks\" names '%.64s' instead of %s", row_text(entry, "manifest"), name);
        return NULL;
    }
    staging_path(s, job, name, path);
    if (file_read(path, MANIFEST_MAX, &data, &size)) {
        if (errno == ENOENT)
            refuse(r, 400, "bad-manifest", "%s was not uploaded", name);
        else
            refuse_errno(r, errno, path);
        return NULL;
    }
    if (digest_file(data, size, sum))
        refuse(r, 500, "internal", "SHA-256 failed");
    else if (strcmp(sum, row_text(entry, "sha256")) != 0)
        refuse(r, 400, "bad-manifest", "%s here has the SHA-256 %s, the manifest says %.64s", name, sum,
               row_text(entry, "sha256"));
    else if (!(m = json_body_parse(data, size, &error)))
        refuse(r, 400, "bad-manifest", "%s is no JSON: %s", name, error.text);
    else if (json_object_get(m, "disks"))
        refuse(r, 400, "bad-manifest", "%s lists disks of its own", name);
    else {
        free(data);
        return m;
    }
    json_decref(m);
    free(data);
    return NULL;
}

/* The manifests of all disks, the first disk's first, every one checked. A new reference, or NULL with *r. */
static json_t *check(const struct server *s, const json_t *job, json_t *first, struct refusal *r)
{
    const json_t *others = json_object_get(first, "disks"), *entry;
    json_t *all = json_pack("[O]", first);
    int rc = check_disk(s, job, first, r);
    size_t i;

    if (rc == 0 && others && (!json_is_array(others) || json_array_size(others) >= IMAGE_DISKS))
        rc = refuse(r, 400, "bad-manifest", "\"disks\" is no array of at most %d", IMAGE_DISKS - 1);
    json_array_foreach(others, i, entry)
    {
        json_t *m = rc == 0 ? read_disk(s, row_integer(job, "id"), entry, i + 2, r) : NULL;

        if (!m || json_array_append_new(all, m) || check_disk(s, job, m, r))
            rc = -1;
    }
    if (rc == 0)
        return all;
    json_decref(all);
    return NULL;
}

static bool disk_names(const json_t *m, const char *file)
{
    const json_t *part;
    size_t i;

    if (strcmp(row_text(json_object_get(m, "boot"), "index"), file) == 0)
        return true;
    json_array_foreach(json_object_get(m, "partitions"), i, part)
    {
        if (strcmp(row_text(part, "index"), file) == 0)
            return true;
    }
    return false;
}

static bool is_named(const json_t *all, const char *file)
{
    const json_t *m;
    char name[32];
    size_t i;

    if (strcmp(file, "manifest.json") == 0)
        return true;
    json_array_foreach(all, i, m)
    {
        snprintf(name, sizeof(name), "disk%zu.json", i + 1);
        if ((i > 0 && strcmp(name, file) == 0) || disk_names(m, file))
            return true;
    }
    return false;
}

/* An agent that started again may have staged an index that its second try did not need. */
static void remove_others(const json_t *all, const char *folder)
{
    DIR *dir = opendir(folder);
    struct dirent *entry;

    while (dir && (entry = readdir(dir))) {
        if (entry->d_name[0] != '.' && !is_named(all, entry->d_name))
            unlinkat(dirfd(dir), entry->d_name, 0);
    }
    if (dir)
        closedir(dir);
}

/* The moment in which the image begins to exist. The lock is held, so the job cannot end meanwhile. */
static int publish(struct server *s, const json_t *job, struct refusal *r)
{
    int64_t id = row_integer(job, "id");
    char from[STAGING_PATH], to[IMAGE_PATH], images[IMAGE_PATH];
    json_t *now = jobs_get(s, id, r);
    bool alive = now && jobs_unfinished(now);

    json_decref(now);
    if (!now)
        return -1;
    if (!alive)
        return refuse(r, 409, "job-over", "job %lld has ended", (long long)id);
    staging_path(s, id, NULL, from);
    image_path(s, row_text(job, "image"), NULL, to);
    snprintf(images, sizeof(images), "%s/images", s->store);
    if (renameat2(AT_FDCWD, from, AT_FDCWD, to, RENAME_NOREPLACE))
        return errno == EEXIST ? refuse(r, 409, "image-exists", "image %s exists already", row_text(job, "image"))
                               : refuse_errno(r, errno, "publishing the image");
    if (folder_sync(images))
        return refuse_errno(r, errno, "flushing the folder of images");
    log_line("image %s is complete (job %lld)", row_text(job, "image"), (long long)id);
    return 0;
}

static int check_and_publish(struct server *s, const json_t *job, json_t *m, const void *data, size_t size,
                             struct refusal *r)
{
    json_t *all = check(s, job, m, r);
    char folder[STAGING_PATH];
    int rc;

    if (!all)
        return -1;
    staging_path(s, row_integer(job, "id"), NULL, folder);
    remove_others(all, folder);
    rc = staging_write(s, row_integer(job, "id"), "manifest.json", data, size, r) || chunks_sync(s, r) ? -1 : 0;
    if (rc == 0) {
        server_lock(s);
        rc = publish(s, job, r);
        if (rc == 0)
            machine_systems_of_disks(s, row_integer(job, "machine"), all);
        server_unlock(s);
    }
    json_decref(all);
    return rc;
}

/* The answer to the first try was lost: the same manifest is no conflict. */
static bool is_published(const struct server *s, const char *image, const void *data, size_t size)
{
    char path[IMAGE_PATH];
    uint8_t *there;
    size_t there_size;
    bool same;

    image_path(s, image, "manifest.json", path);
    if (file_read(path, MANIFEST_MAX, &there, &there_size))
        return false;
    same = there_size == size && memcmp(there, data, size) == 0;
    free(there);
    return same;
}

/* An agent whose patience ended repeats its manifest while the first one is still being checked: one after another, the
 * second finds the image complete. Taken before the store's lock. */
static pthread_mutex_t take_lock = PTHREAD_MUTEX_INITIALIZER;

static int take(struct server *s, const json_t *job, json_t *m, const void *data, size_t size, bool *ret_new,
                struct refusal *r)
{
    const char *image = row_text(job, "image");
    int rc;

    if (is_published(s, image, data, size))
        return 0;
    if (image_exists(s, image))
        return refuse(r, 409, "image-exists", "image %s exists already", image);
    pthread_rwlock_rdlock(&s->store_lock);
    rc = check_and_publish(s, job, m, data, size, r);
    pthread_rwlock_unlock(&s->store_lock);
    *ret_new = rc == 0;
    return rc;
}

int manifest_take(struct server *s, const json_t *job, const void *data, size_t size, bool *ret_new, struct refusal *r)
{
    json_error_t error;
    json_t *m = json_body_parse(data, size, &error);
    int rc;

    *ret_new = false;
    if (!json_is_object(m)) {
        json_decref(m);
        return refuse(r, 400, "bad-manifest", "the manifest is no JSON object: %s (line %d)", error.text, error.line);
    }
    pthread_mutex_lock(&take_lock);
    rc = take(s, job, m, data, size, ret_new, r);
    pthread_mutex_unlock(&take_lock);
    json_decref(m);
    return rc;
}
