/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "server/chunks.h"

#include <stdlib.h>
#include <string.h>
#include <zstd.h>

#include "server/digest.h"
#include "server/index.h"

/* Verifying is nothing but processor time: so many at once are enough for a server, and its memory does not grow with
 * the number of machines that send. */
#define VERIFIERS 8

struct verifier {
    bool busy;
    ZSTD_DCtx *zstd;
    uint8_t *data; /* CHUNK_BATCH * CHUNK_SIZE */
};

static struct verifier verifiers[VERIFIERS];
static pthread_mutex_t verifiers_lock = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t verifier_free = PTHREAD_COND_INITIALIZER;

static struct verifier *find_free(void)
{
    for (unsigned i = 0; i < VERIFIERS; i++)
        if (!verifiers[i].busy)
            return &verifiers[i];
    return NULL;
}

static void verifier_put(struct verifier *v)
{
    pthread_mutex_lock(&verifiers_lock);
    v->busy = false;
    pthread_cond_signal(&verifier_free);
    pthread_mutex_unlock(&verifiers_lock);
}

/* Waits for a free verifier; what it owns is made when it is first used and kept. NULL: out of memory. */
static struct verifier *verifier_get(void)
{
    struct verifier *v;

    pthread_mutex_lock(&verifiers_lock);
    while (!(v = find_free()))
        pthread_cond_wait(&verifier_free, &verifiers_lock);
    v->busy = true;
    pthread_mutex_unlock(&verifiers_lock);
    if (!v->zstd)
        v->zstd = ZSTD_createDCtx();
    if (!v->data)
        v->data = malloc((size_t)CHUNK_BATCH * CHUNK_SIZE);
    if (v->zstd && v->data)
        return v;
    verifier_put(v);
    return NULL;
}

static int check_frame(const uint8_t *frame, size_t size, struct refusal *r)
{
    unsigned long long declared = ZSTD_getFrameContentSize(frame, size);

    if (declared == ZSTD_CONTENTSIZE_ERROR)
        return refuse(r, 400, "bad-chunk", "the %zu bytes are no zstd frame", size);
    if (declared == ZSTD_CONTENTSIZE_UNKNOWN)
        return refuse(r, 400, "bad-chunk", "the zstd frame does not tell its content size");
    if (declared > CHUNK_SIZE)
        return refuse(r, 400, "bad-chunk", "the zstd frame declares %llu bytes, a chunk has at most %u", declared,
                      CHUNK_SIZE);
    if (ZSTD_findFrameCompressedSize(frame, size) != size)
        return refuse(r, 400, "bad-chunk", "the %zu bytes are not exactly one whole zstd frame", size);
    return 0;
}

static int unpack(struct verifier *v, const struct chunk_frame *c, uint8_t *ret, size_t *ret_size, struct refusal *r)
{
    size_t got;

    if (check_frame(c->frame, c->size, r))
        return -1;
    got = ZSTD_decompressDCtx(v->zstd, ret, CHUNK_SIZE, c->frame, c->size);
    if (ZSTD_isError(got))
        return refuse(r, 400, "bad-chunk", "the zstd frame does not decompress: %s", ZSTD_getErrorName(got));
    *ret_size = got;
    return 0;
}

static int verify(struct verifier *v, const struct chunk_frame *list, size_t count, struct refusal *r)
{
    const uint8_t *data[CHUNK_BATCH] = {NULL};
    size_t sizes[CHUNK_BATCH] = {0};
    uint8_t hashes[CHUNK_BATCH][CHUNK_ID];
    char hex[CHUNK_HEX];

    for (size_t i = 0; i < count; i++) {
        data[i] = v->data + i * CHUNK_SIZE;
        if (unpack(v, &list[i], v->data + i * CHUNK_SIZE, &sizes[i], r))
            return -1;
    }
    if (digest_chunks(data, sizes, count, hashes))
        return refuse(r, 500, "internal", "SHA-512/256 failed");
    for (size_t i = 0; i < count; i++)
        if (memcmp(hashes[i], list[i].id, CHUNK_ID) != 0) {
            name_chunk_hex(hashes[i], hex);
            return refuse(r, 400, "bad-chunk", "the content hashes to %s, which is not the chunk's id", hex);
        }
    return 0;
}

int chunks_verify(const struct chunk_frame *list, size_t count, struct refusal *r)
{
    struct verifier *v = verifier_get();
    int rc;

    if (!v)
        return refuse(r, 500, "internal", "out of memory");
    rc = verify(v, list, count, r);
    verifier_put(v);
    return rc;
}
