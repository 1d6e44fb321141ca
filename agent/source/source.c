/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "agent/source/source.h"

#include <stdlib.h>
#include <string.h>

#include <mbedtls/sha256.h>
#include <mbedtls/sha512.h>

#include "agent/net/http.h"
#include "agent/source/source_kind.h"

struct source {
    const struct source_kind *kind;
    void *self;
    char *name;
    uint64_t size, position;
    unsigned hash_size; /* bytes: which of the next two is used */
    mbedtls_sha256_context sha256;
    mbedtls_sha512_context sha512;
};

struct source *source_open(const char *where, const struct progress *p, struct failure *f)
{
    struct source *s = calloc(1, sizeof(*s));

    if (s)
        s->name = strdup(where);
    if (!s || !s->name) {
        fail(f, "out-of-memory", "no memory to read %.200s", where);
        free(s);
        return NULL;
    }
    mbedtls_sha256_init(&s->sha256);
    mbedtls_sha512_init(&s->sha512);
    mbedtls_sha256_starts_ret(&s->sha256, 0);
    mbedtls_sha512_starts_ret(&s->sha512, 0);
    s->kind = http_is_url(where) ? &source_http_kind : &source_file_kind;
    s->self = s->kind->open(where, p, &s->size, f);
    if (s->self)
        return s;
    source_close(s);
    return NULL;
}

void source_close(struct source *s)
{
    if (!s)
        return;
    if (s->self)
        s->kind->close(s->self);
    mbedtls_sha256_free(&s->sha256);
    mbedtls_sha512_free(&s->sha512);
    free(s->name);
    free(s);
}

uint64_t source_size(const struct source *s)
{
    return s->size;
}

uint64_t source_position(const struct source *s)
{
    return s->position;
}

const char *source_name(const struct source *s)
{
    return s->name;
}

long source_read(struct source *s, void *ret, size_t size, struct failure *f)
{
    long n = s->kind->read(s->self, ret, size, f);

    if (n <= 0)
        return n;
    s->position += (uint64_t)n;
    if (s->hash_size == 32)
        mbedtls_sha256_update_ret(&s->sha256, ret, (size_t)n);
    else if (s->hash_size == 64)
        mbedtls_sha512_update_ret(&s->sha512, ret, (size_t)n);
    return n;
}

int source_read_at(struct source *s, uint64_t offset, void *ret, size_t size, struct failure *f)
{
    if (s->size != SOURCE_SIZE_UNKNOWN && (offset > s->size || size > s->size - offset))
        return fail(f, "bad-image", "%.200s: %zu bytes at %llu are beyond its end", s->name, size,
                    (unsigned long long)offset);
    return s->kind->read_at(s->self, offset, ret, size, f);
}

void source_hash(struct source *s, unsigned size)
{
    s->hash_size = size;
}

static void sum_sha256(struct source *s, uint8_t *ret)
{
    mbedtls_sha256_context copy;

    mbedtls_sha256_init(&copy);
    mbedtls_sha256_clone(&copy, &s->sha256);
    mbedtls_sha256_finish_ret(&copy, ret);
    mbedtls_sha256_free(&copy);
}

static void sum_sha512(struct source *s, uint8_t *ret)
{
    mbedtls_sha512_context copy;

    mbedtls_sha512_init(&copy);
    mbedtls_sha512_clone(&copy, &s->sha512);
    mbedtls_sha512_finish_ret(&copy, ret);
    mbedtls_sha512_free(&copy);
}

void source_sum(struct source *s, uint8_t *ret)
{
    if (s->hash_size == 32)
        sum_sha256(s, ret);
    else if (s->hash_size == 64)
        sum_sha512(s, ret);
}
