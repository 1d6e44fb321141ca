/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "server/images.h"

#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "server/files.h"
#include "server/jobs.h"
#include "server/log.h"
#include "server/names.h"
#include "server/sweep.h"

void image_path(const struct server *s, const char *name, const char *file, char ret[IMAGE_PATH])
{
    snprintf(ret, IMAGE_PATH, "%s/images/%s%s%s", s->store, name, file ? "/" : "", file ? file : "");
}

bool image_exists(const struct server *s, const char *name)
{
    char path[IMAGE_PATH];

    image_path(s, name, "manifest.json", path);
    return access(path, F_OK) == 0;
}

static json_t *read_json(const struct server *s, const char *name, const char *file, struct refusal *r)
{
    char path[IMAGE_PATH];
    uint8_t *data;
    size_t size;
    json_t *json;

    image_path(s, name, file, path);
    if (file_read(path, MANIFEST_MAX, &data, &size)) {
        refuse_errno(r, errno, path);
        return NULL;
    }
    json = json_loadb((const char *)data, size, 0, NULL);
    free(data);
    if (!json)
        refuse(r, 500, "internal", "%s is no JSON any more", path);
    return json;
}

/* The manifests of all disks of an image, the first disk's first: a new reference, or NULL with *r. */
static json_t *read_manifests(const struct server *s, const char *name, struct refusal *r)
{
    json_t *m = read_json(s, name, "manifest.json", r), *all = m ? json_pack("[o]", m) : NULL;
    size_t others = json_array_size(json_object_get(m, "disks"));

    for (size_t i = 2; all && i < others + 2; i++) {
        char file[32];

        snprintf(file, sizeof(file), "disk%zu.json", i);
        m = read_json(s, name, file, r);
        if (!m) {
            json_decref(all);
            return NULL;
        }
        json_array_append_new(all, m);
    }
    return all;
}

static json_t *summary(const char *name, const json_t *manifests)
{
    const json_t *first = json_array_get(manifests, 0), *m;
    json_int_t size = 0, used = 0, partitions = 0;
    size_t i;

    json_array_foreach(manifests, i, m)
    {
        const json_t *disk = json_object_get(m, "disk");

        size += row_integer(disk, "size");
        used += row_integer(disk, "used");
        partitions += (json_int_t)json_array_size(json_object_get(m, "partitions"));
    }
    return json_pack("{s:s, s:s, s:s, s:s, s:I, s:I, s:I, s:I}", "name", name, "created", row_text(first, "created"),
                     "machine", row_text(json_object_get(first, "source"), "machine"), "firmware",
                     row_text(first, "firmware"), "disks", (json_int_t)json_array_size(manifests), "disk_size", size,
                     "used", used, "partitions", partitions);
}

json_t *image_show(const struct server *s, const char *name, struct refusal *r)
{
    json_t *manifests, *view;

    if (!name_is_image(name) || !image_exists(s, name)) {
        image_refuse_unknown(s, name, r);
        return NULL;
    }
    manifests = read_manifests(s, name, r);
    if (!manifests)
        return NULL;
    view = summary(name, manifests);
    json_object_set(view, "manifest", json_array_get(manifests, 0));
    json_array_remove(manifests, 0);
    json_object_set_new(view, "further", manifests);
    return view;
}

static int only_images(const struct dirent *entry)
{
    return name_is_image(entry->d_name);
}

static int scan(const struct server *s, struct dirent ***ret)
{
    char path[IMAGE_PATH];

    snprintf(path, sizeof(path), "%s/images", s->store);
    return scandir(path, ret, only_images, alphasort);
}

json_t *images_list(const struct server *s, struct refusal *r)
{
    struct dirent **entries;
    int count = scan(s, &entries);
    json_t *list = json_array();

    for (int i = 0; i < count; i++) {
        json_t *manifests = image_exists(s, entries[i]->d_name) ? read_manifests(s, entries[i]->d_name, r) : NULL;

        if (manifests)
            json_array_append_new(list, summary(entries[i]->d_name, manifests));
        json_decref(manifests);
        free(entries[i]);
    }
    if (count >= 0) {
        free(entries);
        return json_pack("{s:o}", "images", list);
    }
    refuse_errno(r, errno, "reading the folder of images");
    json_decref(list);
    return NULL;
}

int image_refuse_unknown(const struct server *s, const char *name, struct refusal *r)
{
    struct dirent **entries;
    int count = scan(s, &entries);
    char known[256] = "";

    for (int i = 0; i < count; i++) {
        size_t used = strlen(known);

        if (image_exists(s, entries[i]->d_name))
            snprintf(known + used, sizeof(known) - used, "%s%.64s", used ? ", " : "", entries[i]->d_name);
        free(entries[i]);
    }
    if (count >= 0)
        free(entries);
    return refuse(r, 404, "no-such-image", "no image named %.64s; there are: %s", name, known[0] ? known : "none");
}

static int check_unused(struct server *s, const char *name, struct refusal *r)
{
    json_t *job = database_row(s->database, r,
                               "SELECT id, kind, machine_name FROM jobs WHERE (image = ? OR EXISTS"
                               " (SELECT 1 FROM json_each(steps) WHERE json_extract(value, '$.image') = ?))"
                               " AND state IN ('queued', 'running', 'cancelling')",
                               "ss", name, name);
    int rc = job ? 0 : -1;

    if (rc == 0 && !json_is_null(job))
        rc = refuse(r, 409, "image-in-use", "job %lld (%s on %s) uses image %s", (long long)row_integer(job, "id"),
                    row_text(job, "kind"), row_text(job, "machine_name"), name);
    json_decref(job);
    return rc;
}

static int save_wish(struct server *s, struct refusal *r)
{
    if (database_begin(s->database, true, r))
        return -1;
    if (sweep_want(s, r)) {
        database_rollback(s->database);
        return -1;
    }
    return database_commit(s->database, r);
}

/* The image is gone with the rename; the wish to sweep is written down first, so that a crash cannot lose it. */
static int take_away(struct server *s, const char *name, char trash[IMAGE_PATH], struct refusal *r)
{
    char path[IMAGE_PATH], images[IMAGE_PATH];

    if (!name_is_image(name) || !image_exists(s, name))
        return image_refuse_unknown(s, name, r);
    if (check_unused(s, name, r) || save_wish(s, r))
        return -1;
    image_path(s, name, NULL, path);
    snprintf(images, sizeof(images), "%s/images", s->store);
    snprintf(trash, IMAGE_PATH, "%s/tmp/image-%llu", s->store,
             (unsigned long long)atomic_fetch_add(&s->next_temporary, 1));
    if (rename(path, trash) || folder_sync(images))
        return refuse_errno(r, errno, "removing the image");
    log_line("image %s deleted", name);
    return 0;
}

json_t *image_delete(struct server *s, const char *name, struct refusal *r)
{
    struct sweep_result swept = {0};
    char trash[IMAGE_PATH];
    int rc;

    server_lock(s);
    rc = take_away(s, name, trash, r);
    server_unlock(s);
    if (rc)
        return NULL;
    if (tree_remove(trash))
        log_line("cannot remove %s (errno %d)", trash, errno);
    if (sweep_if_idle(s, &swept, r))
        return NULL;
    return json_pack("{s:b, s:I, s:I}", "swept", swept.done, "chunks", (json_int_t)swept.chunks, "bytes",
                     (json_int_t)swept.bytes);
}
