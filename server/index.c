/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "server/index.h"

#define HEADER_SIZE 48u
#define TABLE_HEAD_SIZE 16u
#define ITEM_SIZE 40u
#define TAIL_SIZE 40u
#define INDEX_MAGIC 0x96824d9c7b129ff9u
#define TABLE_MAGIC 0xe75b9e112f17417du
#define TAIL_MAGIC 0x4b4f050e5549ecd1u
#define INDEX_FLAGS 0xb000000000000000u

static uint64_t read_le64(const uint8_t *p)
{
    uint64_t v = 0;

    for (int i = 7; i >= 0; i--)
        v = v << 8 | p[i];
    return v;
}

static int check_words(const char *name, const uint8_t *data, size_t offset, const uint64_t *words, unsigned count,
                       struct refusal *r)
{
    for (unsigned i = 0; i < count; i++) {
        uint64_t found = read_le64(data + offset + 8 * i);

        if (found != words[i])
            return refuse(r, 400, "bad-index", "%s: at byte %zu stands 0x%llx, not 0x%llx", name, offset + 8 * i,
                          (unsigned long long)found, (unsigned long long)words[i]);
    }
    return 0;
}

/* All chunks are full but the last. */
static int check_offsets(const char *name, const uint8_t *items, size_t count, uint64_t *ret_size, struct refusal *r)
{
    uint64_t before = 0;

    for (size_t i = 0; i < count; i++) {
        uint64_t end = read_le64(items + ITEM_SIZE * i);
        uint64_t size = end - before;

        if (end <= before || size > CHUNK_SIZE || (size < CHUNK_SIZE && i + 1 < count))
            return refuse(r, 400, "bad-index", "%s: chunk %zu reaches from byte %llu to byte %llu", name, i,
                          (unsigned long long)before, (unsigned long long)end);
        before = end;
    }
    *ret_size = before;
    return 0;
}

int index_parse(const char *name, const uint8_t *data, size_t size, struct index *ret, struct refusal *r)
{
    const uint64_t head[] = {HEADER_SIZE, INDEX_MAGIC, INDEX_FLAGS, CHUNK_SIZE,
                             CHUNK_SIZE,  CHUNK_SIZE,  UINT64_MAX,  TABLE_MAGIC};
    const size_t fixed = HEADER_SIZE + TABLE_HEAD_SIZE + TAIL_SIZE;
    uint64_t blob_size = 0;

    if (size < fixed || (size - fixed) % ITEM_SIZE != 0)
        return refuse(r, 400, "bad-index", "%s: %zu bytes are no index of whole items", name, size);
    size_t count = (size - fixed) / ITEM_SIZE;
    const uint64_t tail[] = {0, 0, HEADER_SIZE, TABLE_HEAD_SIZE + ITEM_SIZE * count + TAIL_SIZE, TAIL_MAGIC};
    const uint8_t *items = data + HEADER_SIZE + TABLE_HEAD_SIZE;

    if (check_words(name, data, 0, head, 8, r) || check_words(name, data, size - TAIL_SIZE, tail, 5, r) ||
        check_offsets(name, items, count, &blob_size, r))
        return -1;
    ret->items = items;
    ret->count = count;
    ret->blob_size = blob_size;
    return 0;
}

const uint8_t *index_chunk(const struct index *x, size_t i)
{
    return x->items + ITEM_SIZE * i + 8;
}
