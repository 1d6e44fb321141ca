/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "server/api.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "server/chunks.h"
#include "server/images.h"
#include "server/index.h"
#include "server/jobs.h"
#include "server/names.h"
#include "server/staging.h"

#define ASK_MAX 1024

/* Answers with a file; `code` is said when it is not there. */
static int reply_path(struct reply *ret, const char *path, const char *type, const char *code, struct refusal *r)
{
    int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
    struct stat st;

    if (fd < 0 && (errno == ENOENT || errno == ENOTDIR))
        return refuse(r, 404, code, "it is not in the store");
    if (fd < 0)
        return refuse_errno(r, errno, path);
    if (fstat(fd, &st) || !S_ISREG(st.st_mode)) {
        close(fd);
        return refuse(r, 500, "internal", "%s is no file", path);
    }
    *ret = (struct reply){.status = 200, .fd = fd, .size = (size_t)st.st_size, .type = type};
    return 0;
}

/* <first 4 hex>/<64 hex>.cacnk */
static int read_id(const struct request *q, uint8_t ret[CHUNK_ID], struct refusal *r)
{
    const char *folder = q->param[0], *file = q->param[1];
    char hex[CHUNK_HEX];

    if (strlen(file) == 70 && strcmp(file + 64, ".cacnk") == 0 && strlen(folder) == 4 && !strncmp(file, folder, 4)) {
        memcpy(hex, file, 64);
        hex[64] = 0;
        if (name_chunk_id(hex, ret))
            return 0;
    }
    return refuse(r, 404, "no-such-chunk", "a chunk is named <first 4 hex>/<64 hex>.cacnk, in lower case");
}

int api_chunk_get(struct request *q, struct reply *ret, struct refusal *r)
{
    char path[SERVER_PATH + 128];
    uint8_t id[CHUNK_ID];

    if (read_id(q, id, r))
        return -1;
    chunk_path(q->server, id, path);
    return reply_path(ret, path, "application/octet-stream", "no-such-chunk", r);
}

int api_note_life(struct request *q, struct refusal *r)
{
    int rc;

    server_lock(q->server);
    rc = jobs_heard(q->server, q->job, r);
    server_unlock(q->server);
    return rc;
}

static int put(struct request *q, const struct chunk_frame *list, size_t count, size_t *ret_new, struct refusal *r)
{
    int rc;

    if (api_note_life(q, r))
        return -1;
    pthread_rwlock_rdlock(&q->server->store_lock);
    rc = chunks_put(q->server, list, count, ret_new, r);
    pthread_rwlock_unlock(&q->server->store_lock);
    return rc;
}

int api_chunk_put(struct request *q, struct reply *ret, struct refusal *r)
{
    uint8_t id[CHUNK_ID];
    const struct chunk_frame chunk = {id, q->body, q->size};
    size_t new;

    if (read_id(q, id, r) || put(q, &chunk, 1, &new, r))
        return -1;
    return reply_json(ret, new ? 201 : 200, json_object(), r);
}

int api_chunks_put(struct request *q, struct reply *ret, struct refusal *r)
{
    struct chunk_frame list[CHUNK_BATCH];
    size_t count, new;

    if (chunk_batch_parse(q->body, q->size, list, &count, r) || put(q, list, count, &new, r))
        return -1;
    return reply_json(ret, 200, json_pack("{s:I}", "stored", (json_int_t) new), r);
}

static json_t *missing(const struct server *s, const json_t *ids, struct refusal *r)
{
    json_t *list = json_array(), *hex;
    uint8_t id[CHUNK_ID];
    size_t i;

    json_array_foreach(ids, i, hex)
    {
        if (!json_is_string(hex) || !name_chunk_id(json_string_value(hex), id)) {
            refuse(r, 400, "bad-request", "id %zu is not 64 lower-case hexadecimal digits", i);
            json_decref(list);
            return NULL;
        }
        if (!chunk_exists(s, id))
            json_array_append(list, hex);
    }
    return json_pack("{s:o}", "missing", list);
}

int api_chunks_missing(struct request *q, struct reply *ret, struct refusal *r)
{
    json_t *body = request_json(q, r), *ids = json_object_get(body, "ids"), *answer = NULL;

    if (!body)
        return -1;
    if (!json_is_array(ids) || json_array_size(ids) > ASK_MAX) {
        refuse(r, 400, "bad-request", "\"ids\" must be an array of at most %d", ASK_MAX);
    } else if (api_note_life(q, r) == 0) {
        pthread_rwlock_rdlock(&q->server->store_lock);
        answer = missing(q->server, ids, r);
        pthread_rwlock_unlock(&q->server->store_lock);
    }
    json_decref(body);
    return answer ? reply_json(ret, 200, answer, r) : -1;
}

static int check_image(const struct request *q, struct refusal *r)
{
    const char *name = q->param[0];

    return name_is_image(name) && image_exists(q->server, name) ? 0 : image_refuse_unknown(q->server, name, r);
}

int api_image_file_get(struct request *q, struct reply *ret, struct refusal *r)
{
    char path[IMAGE_PATH];

    if (check_image(q, r))
        return -1;
    if (!name_is_index(q->param[1]) && !name_is_disk_manifest(q->param[1]))
        return refuse(r, 404, "no-such-file", "image %s has no file of that name", q->param[0]);
    image_path(q->server, q->param[0], q->param[1], path);
    return reply_path(ret, path, name_is_index(q->param[1]) ? "application/octet-stream" : "application/json",
                      "no-such-file", r);
}

int api_manifest_get(struct request *q, struct reply *ret, struct refusal *r)
{
    char path[IMAGE_PATH];

    if (check_image(q, r))
        return -1;
    image_path(q->server, q->param[0], "manifest.json", path);
    return reply_path(ret, path, "application/json", "no-such-image", r);
}

static int check_job_image(const struct request *q, struct refusal *r)
{
    if (strcmp(q->param[0], row_text(q->job, "image")) != 0)
        return refuse(r, 401, "bad-token", "the token is of job %lld, which captures image %s",
                      (long long)row_integer(q->job, "id"), row_text(q->job, "image"));
    return 0;
}

/* An index is checked at once, the manifest of a further disk with the first one's. */
static int check_file(const struct request *q, struct refusal *r)
{
    struct index x;

    if (name_is_disk_manifest(q->param[1]))
        return q->size <= MANIFEST_MAX
                   ? 0
                   : refuse(r, 413, "too-large", "%s has more than %zu bytes", q->param[1], MANIFEST_MAX);
    if (!name_is_index(q->param[1]))
        return refuse(r, 400, "bad-index", "an index is named [A-Za-z0-9._-]+.caibx, at most 64 characters");
    return index_parse(q->param[1], q->body, q->size, &x, r);
}

int api_image_file_put(struct request *q, struct reply *ret, struct refusal *r)
{
    if (check_job_image(q, r))
        return -1;
    if (image_exists(q->server, q->param[0]))
        return refuse(r, 409, "image-exists", "image %s exists already", q->param[0]);
    if (check_file(q, r) || api_note_life(q, r) ||
        staging_write(q->server, row_integer(q->job, "id"), q->param[1], q->body, q->size, r))
        return -1;
    return reply_json(ret, 201, json_object(), r);
}

int api_manifest_put(struct request *q, struct reply *ret, struct refusal *r)
{
    bool new;

    if (check_job_image(q, r) || api_note_life(q, r) || manifest_take(q->server, q->job, q->body, q->size, &new, r))
        return -1;
    return reply_json(ret, new ? 201 : 200, json_object(), r);
}
