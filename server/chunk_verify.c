/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "server/chunks.h"

#include <stdlib.h>
#include <string.h>
#include <zstd.h>

#include "server/digest.h"
#include "server/index.h"

/* A connection's thread verifies thousands of chunks: it keeps its decompressor and its buffer until it ends. */
struct verifier {
    ZSTD_DCtx *zstd;
    uint8_t data[CHUNK_SIZE];
};

static pthread_key_t verifier_key;
static pthread_once_t verifier_once = PTHREAD_ONCE_INIT;

static void verifier_free(void *arg)
{
    struct verifier *v = arg;

    ZSTD_freeDCtx(v->zstd);
    free(v);
}

static void verifier_init(void)
{
    pthread_key_create(&verifier_key, verifier_free);
}

static struct verifier *verifier_get(void)
{
    struct verifier *v;

    pthread_once(&verifier_once, verifier_init);
    v = pthread_getspecific(verifier_key);
    if (v)
        return v;
    v = malloc(sizeof(*v));
    if (!v)
        return NULL;
    v->zstd = ZSTD_createDCtx();
    if (!v->zstd || pthread_setspecific(verifier_key, v)) {
        verifier_free(v);
        return NULL;
    }
    return v;
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

int chunk_verify(const uint8_t id[CHUNK_ID], const uint8_t *frame, size_t size, struct refusal *r)
{
    struct verifier *v = verifier_get();
    uint8_t hash[CHUNK_ID];
    char hex[CHUNK_HEX];
    size_t got;

    if (!v)
        return refuse(r, 500, "internal", "out of memory");
    if (check_frame(frame, size, r))
        return -1;
    got = ZSTD_decompressDCtx(v->zstd, v->data, sizeof(v->data), frame, size);
    if (ZSTD_isError(got))
        return refuse(r, 400, "bad-chunk", "the zstd frame does not decompress: %s", ZSTD_getErrorName(got));
    if (digest_chunk(v->data, got, hash))
        return refuse(r, 500, "internal", "SHA-512/256 failed");
    if (memcmp(hash, id, CHUNK_ID) != 0) {
        name_chunk_hex(hash, hex);
        return refuse(r, 400, "bad-chunk", "the content hashes to %s, which is not the chunk's id", hex);
    }
    return 0;
}
