/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "agent/image/caibx.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "agent/base/le.h"

#define HEADER_SIZE 48
#define TABLE_START 64
#define ITEM_SIZE 40
#define TAIL_SIZE 40
#define INDEX_MAGIC 0x96824d9c7b129ff9ULL
#define TABLE_MAGIC 0xe75b9e112f17417dULL
#define TAIL_MAGIC 0x4b4f050e5549ecd1ULL
/* The feature flags that casync itself writes for a blob index; bit 61 means SHA-512/256. */
#define FLAGS 0xb000000000000000ULL
#define FLAG_SHA512_256 0x2000000000000000ULL

static size_t chunk_count(uint64_t size)
{
    return (size_t)(size / CHUNK_SIZE + (size % CHUNK_SIZE != 0));
}

static size_t file_size(size_t count)
{
    return TABLE_START + ITEM_SIZE * count + TAIL_SIZE;
}

uint64_t caibx_file_size(uint64_t size)
{
    return file_size(chunk_count(size));
}

static uint64_t chunk_end(const struct caibx *x, size_t i)
{
    return i + 1 == x->count ? x->size : ((uint64_t)i + 1) * CHUNK_SIZE;
}

static void write_words(uint8_t *p, const uint64_t *words, size_t count)
{
    for (size_t i = 0; i < count; i++)
        le64_write(p + 8 * i, words[i]);
}

/* Header and tail for `count` chunks; the flags are not among them because other writers set other ones. */
static void fixed_words(size_t count, uint64_t head[8], uint64_t tail[5])
{
    const uint64_t h[8] = {HEADER_SIZE, INDEX_MAGIC, FLAGS,      CHUNK_SIZE,
                           CHUNK_SIZE,  CHUNK_SIZE,  UINT64_MAX, TABLE_MAGIC};
    const uint64_t t[5] = {0, 0, HEADER_SIZE, 16 + (uint64_t)ITEM_SIZE * count + TAIL_SIZE, TAIL_MAGIC};

    memcpy(head, h, sizeof(h));
    memcpy(tail, t, sizeof(t));
}

int caibx_init(struct caibx *x, uint64_t size, struct failure *f)
{
    uint64_t head[8], tail[5];

    *x = (struct caibx){.size = size, .count = chunk_count(size)};
    x->bytes_size = file_size(x->count);
    x->bytes = calloc(1, x->bytes_size);
    if (!x->bytes)
        return fail(f, "out-of-memory", "no memory for an index of %zu chunks", x->count);
    fixed_words(x->count, head, tail);
    write_words(x->bytes, head, 8);
    for (size_t i = 0; i < x->count; i++)
        le64_write(x->bytes + TABLE_START + ITEM_SIZE * i, chunk_end(x, i));
    write_words(x->bytes + TABLE_START + ITEM_SIZE * x->count, tail, 5);
    return 0;
}

static int bad(const char *name, const char *what, uint64_t found, uint64_t wanted, struct failure *f)
{
    return fail(f, "bad-image", "index %s: %s is 0x%" PRIx64 ", not 0x%" PRIx64, name, what, found, wanted);
}

static int check_head(const struct caibx *x, const char *name, struct failure *f)
{
    static const char *const names[8] = {"the header's size",  "the magic number",        "the flags",
                                         "the smallest chunk", "the average chunk",       "the largest chunk",
                                         "the table's size",   "the table's magic number"};
    uint64_t head[8], tail[5];

    fixed_words(x->count, head, tail);
    for (size_t i = 0; i < 8; i++) {
        uint64_t found = le64_read(x->bytes + 8 * i);
        if (i == 2 ? !(found & FLAG_SHA512_256) : found != head[i])
            return bad(name, names[i], found, head[i], f);
    }
    for (size_t i = 0; i < 5; i++) {
        uint64_t found = le64_read(x->bytes + TABLE_START + ITEM_SIZE * x->count + 8 * i);
        if (found != tail[i])
            return bad(name, "the tail", found, tail[i], f);
    }
    return 0;
}

static int check(const struct caibx *x, const char *name, struct failure *f)
{
    if (x->size == 0 || x->size > (uint64_t)SIZE_MAX / 2)
        return bad(name, "the partition's size", x->size, CHUNK_SIZE, f);
    if (x->bytes_size < TABLE_START + TAIL_SIZE || x->bytes_size != file_size(x->count))
        return bad(name, "the size", x->bytes_size, file_size(x->count), f);
    if (check_head(x, name, f))
        return -1;
    for (size_t i = 0; i < x->count; i++) {
        uint64_t end = le64_read(x->bytes + TABLE_START + ITEM_SIZE * i);
        if (end != chunk_end(x, i))
            return bad(name, "a chunk's end", end, chunk_end(x, i), f);
    }
    return 0;
}

int caibx_adopt(struct caibx *x, uint8_t *bytes, size_t bytes_size, uint64_t size, const char *name, struct failure *f)
{
    *x = (struct caibx){.size = size, .count = chunk_count(size), .bytes = bytes, .bytes_size = bytes_size};
    if (!check(x, name, f))
        return 0;
    caibx_free(x);
    return -1;
}

void caibx_free(struct caibx *x)
{
    free(x->bytes);
    *x = (struct caibx){0};
}

struct caibx caibx_part(const struct caibx *x, uint64_t size)
{
    struct caibx part = *x;

    part.size = size;
    part.count = chunk_count(size);
    return part;
}

void caibx_set_id(struct caibx *x, size_t i, const uint8_t id[CHUNK_ID_SIZE])
{
    memcpy(x->bytes + TABLE_START + ITEM_SIZE * i + 8, id, CHUNK_ID_SIZE);
}

const uint8_t *caibx_id(const struct caibx *x, size_t i)
{
    return x->bytes + TABLE_START + ITEM_SIZE * i + 8;
}

size_t caibx_chunk_size(const struct caibx *x, size_t i)
{
    return (size_t)(chunk_end(x, i) - (uint64_t)i * CHUNK_SIZE);
}
