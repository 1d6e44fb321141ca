/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A store behind docs/protocol.md, "Chunks" and "Images". */
#include "agent/image/store_kind.h"

#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <jansson.h>

#define TIMEOUT_S 60
#define FILE_TIMEOUT_S 600 /* an index of 64 MiB, and a server that checks every chunk of an image */
#define PATH_SIZE 256

struct store_http {
    struct http *http;
    struct buffer answer;
};

void *store_http_open(const char *base, const char *token, int (*notice)(void *, const char *, unsigned), void *arg,
                      struct failure *f)
{
    struct store_http *s = calloc(1, sizeof(*s));

    if (s)
        s->http = http_open(base, token, UINT_MAX);
    if (!s || !s->http) {
        free(s);
        fail(f, "out-of-memory", "no memory for a connection to %s", base);
        return NULL;
    }
    if (notice)
        http_on_retry(s->http, notice, arg);
    return s;
}

static void http_close_store(void *self)
{
    struct store_http *s = self;

    http_close(s->http);
    free(s->answer.data);
    free(s);
}

/* The server's codes are for HTTP clients; a job's reasons are fewer (docs/protocol.md, "Reasons"). */
static int map_reason(struct failure *f)
{
    static const char *const map[][2] = {
        {"job-over", "cancelled"},    {"no-such-chunk", "bad-chunk"}, {"bad-index", "bad-image"},
        {"bad-manifest", "bad-image"}, {"bad-token", "server"},        {"bad-request", "server"},
        {"not-found", "server"},       {"too-large", "server"},        {"no-such-job", "server"},
        {"no-such-file", "bad-image"},
    };

    for (size_t i = 0; i < sizeof(map) / sizeof(map[0]); i++)
        if (!strcmp(f->reason, map[i][0]))
            snprintf(f->reason, sizeof(f->reason), "%s", map[i][1]);
    return -1;
}

static int request(struct store_http *s, const char *method, const char *path, const void *body, size_t size,
                   size_t limit, unsigned timeout, struct buffer *ret, struct failure *f)
{
    int status = http_request(s->http, method, path, body, size, limit, timeout, ret, f);

    if (status < 0)
        return -1;
    if (status >= 400)
        return map_reason(f);
    if (status < 200 || status >= 300)
        return fail(f, "server", "%s %.200s was answered with status %d", method, path, status);
    return 0;
}

static char *format_question(const uint8_t (*ids)[CHUNK_ID_SIZE], size_t count)
{
    /* {"ids":["<64 hex>",...]} */
    char *text = malloc(16 + count * (CHUNK_TEXT_SIZE + 3)), *at = text;

    if (!text)
        return NULL;
    at += sprintf(at, "{\"ids\":[");
    for (size_t i = 0; i < count; i++) {
        char hex[CHUNK_TEXT_SIZE];
        chunk_id_format(ids[i], hex);
        at += sprintf(at, "%s\"%s\"", i ? "," : "", hex);
    }
    sprintf(at, "]}");
    return text;
}

/* The answer lists some of our ids in the order of the question: one walk over both. */
static int read_missing(const json_t *list, const uint8_t (*ids)[CHUNK_ID_SIZE], size_t count, bool *ret_missing)
{
    size_t next = 0, listed = json_array_size(list);

    if (!json_is_array(list))
        return -1;
    for (size_t i = 0; i < count; i++) {
        const char *hex = json_string_value(json_array_get(list, next));
        uint8_t id[CHUNK_ID_SIZE];
        ret_missing[i] = hex && chunk_id_parse(hex, id) && !memcmp(id, ids[i], CHUNK_ID_SIZE);
        next += ret_missing[i];
    }
    return next == listed ? 0 : -1;
}

static int http_missing(void *self, const uint8_t (*ids)[CHUNK_ID_SIZE], size_t count, bool *ret_missing,
                        struct failure *f)
{
    struct store_http *s = self;
    char *question = format_question(ids, count);
    json_t *root;
    int result;

    if (!question)
        return fail(f, "out-of-memory", "no memory to ask for %zu chunks", count);
    result = request(s, "POST", "/v1/chunks/missing", question, strlen(question), 64 + count * 80, TIMEOUT_S,
                     &s->answer, f);
    free(question);
    if (result)
        return -1;
    root = json_loadb((const char *)s->answer.data, s->answer.size, 0, NULL);
    if (read_missing(json_object_get(root, "missing"), ids, count, ret_missing))
        result = fail(f, "server", "the answer to \"which chunks are missing\" makes no sense");
    json_decref(root);
    return result;
}

static int http_put_chunk(void *self, const uint8_t id[CHUNK_ID_SIZE], const void *frame, size_t size,
                          struct failure *f)
{
    struct store_http *s = self;
    char path[PATH_SIZE] = "/v1/chunks/";

    store_chunk_path(id, path + strlen(path));
    return request(s, "PUT", path, frame, size, 4096, TIMEOUT_S, &s->answer, f);
}

static int http_put_chunks(void *self, const struct chunk_batch *b, struct failure *f)
{
    struct store_http *s = self;

    return request(s, "PUT", "/v1/chunks", b->bytes, b->size, 4096, TIMEOUT_S, &s->answer, f);
}

static int http_get_chunk(void *self, const uint8_t id[CHUNK_ID_SIZE], struct buffer *ret, struct failure *f)
{
    char path[PATH_SIZE] = "/v1/chunks/";

    store_chunk_path(id, path + strlen(path));
    return request(self, "GET", path, NULL, 0, STORE_CHUNK_MAX, TIMEOUT_S, ret, f);
}

static void file_path(const char *image, const char *file, char ret[PATH_SIZE])
{
    bool manifest = !strcmp(file, "manifest.json");

    snprintf(ret, PATH_SIZE, "/v1/images/%s/%s%s", image, manifest ? "" : "files/", file);
}

static int http_put_file(void *self, const char *image, const char *file, const void *data, size_t size,
                         struct failure *f)
{
    struct store_http *s = self;
    char path[PATH_SIZE];

    file_path(image, file, path);
    return request(s, "PUT", path, data, size, 4096, FILE_TIMEOUT_S, &s->answer, f);
}

static int http_get_file(void *self, const char *image, const char *file, struct buffer *ret, struct failure *f)
{
    char path[PATH_SIZE];

    file_path(image, file, path);
    return request(self, "GET", path, NULL, 0, STORE_FILE_MAX, FILE_TIMEOUT_S, ret, f);
}

const struct store_kind store_http_kind = {
    .close = http_close_store,
    .missing = http_missing,
    .put_chunk = http_put_chunk,
    .put_chunks = http_put_chunks,
    .get_chunk = http_get_chunk,
    .put_file = http_put_file,
    .get_file = http_get_file,
};
