/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "agent/image/store.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "agent/image/manifest.h"
#include "agent/image/store_kind.h"

#define MISSING_MAX 1024

struct store {
    const struct store_kind *kind;
    void *self;
    char *where, *token; /* kept for store_clone */
    int (*notice)(void *, const char *, unsigned);
    void *arg;
};

void store_chunk_path(const uint8_t id[CHUNK_ID_SIZE], char ret[STORE_CHUNK_PATH])
{
    char hex[CHUNK_TEXT_SIZE];

    chunk_id_format(id, hex);
    snprintf(ret, STORE_CHUNK_PATH, "%.4s/%s.cacnk", hex, hex);
}

struct store *store_open(const char *where, const char *token, int (*notice)(void *, const char *, unsigned), void *arg,
                         struct failure *f)
{
    struct store *s = calloc(1, sizeof(*s));

    if (s) {
        *s =
            (struct store){.where = strdup(where), .token = token ? strdup(token) : NULL, .notice = notice, .arg = arg};
        s->kind = http_is_url(where) ? &store_http_kind : &store_dir_kind;
    }
    if (!s || !s->where || (token && !s->token)) {
        fail(f, "out-of-memory", "no memory for the store %s", where);
    } else {
        s->self = http_is_url(where) ? store_http_open(where, token, notice, arg, f) : store_dir_open(where, f);
        if (s->self)
            return s;
    }
    store_close(s);
    return NULL;
}

struct store *store_clone(const struct store *s, struct failure *f)
{
    return store_open(s->where, s->token, s->notice, s->arg, f);
}

void store_close(struct store *s)
{
    if (!s)
        return;
    if (s->self)
        s->kind->close(s->self);
    free(s->where);
    free(s->token);
    free(s);
}

int store_missing(struct store *s, const uint8_t (*ids)[CHUNK_ID_SIZE], size_t count, bool *ret_missing,
                  struct failure *f)
{
    if (count > MISSING_MAX)
        return fail(f, "internal", "%zu ids in one question to the store", count);
    return count ? s->kind->missing(s->self, ids, count, ret_missing, f) : 0;
}

int store_put_chunk(struct store *s, const uint8_t id[CHUNK_ID_SIZE], const void *frame, size_t size, struct failure *f)
{
    return s->kind->put_chunk(s->self, id, frame, size, f);
}

int store_put_chunks(struct store *s, const struct chunk_batch *b, struct failure *f)
{
    return b->count ? s->kind->put_chunks(s->self, b, f) : 0;
}

int store_get_chunk(struct store *s, const uint8_t id[CHUNK_ID_SIZE], struct buffer *ret, struct failure *f)
{
    return s->kind->get_chunk(s->self, id, ret, f);
}

/* Both names become parts of a path or a URL. */
static int check_names(const char *image, const char *file, struct failure *f)
{
    if (!manifest_name_valid(image))
        return fail(f, "no-such-image", "\"%.64s\" is no name of an image", image);
    if (!manifest_name_valid(file))
        return fail(f, "bad-image", "image %s: \"%.64s\" is no name of a file", image, file);
    return 0;
}

int store_put_file(struct store *s, const char *image, const char *file, const void *data, size_t size,
                   struct failure *f)
{
    if (check_names(image, file, f))
        return -1;
    if (size > STORE_FILE_MAX)
        return fail(f, "bad-image", "image %s: %s of %zu bytes is too large", image, file, size);
    return s->kind->put_file(s->self, image, file, data, size, f);
}

int store_get_file(struct store *s, const char *image, const char *file, struct buffer *ret, struct failure *f)
{
    return check_names(image, file, f) ? -1 : s->kind->get_file(s->self, image, file, ret, f);
}
