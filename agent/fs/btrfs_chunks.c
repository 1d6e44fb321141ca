/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Chunks: pieces of btrfs's logical address space, and where the device holds each, once or (DUP) twice. */
#include "agent/fs/btrfs_volume.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "agent/base/le.h"

#define CHUNK_SIZE 48
#define STRIPE_SIZE 32
#define FIRST_CHUNK_TREE 256

#define KIND_MASK 0x7u /* data, system, metadata */
#define PROFILE_RAID0 0x8u
#define PROFILE_DUP 0x20u

/* RAID0 over one device, which the kernel makes since 5.15, is no different from single. */
static bool is_profile(uint64_t profile, unsigned copies)
{
    return (copies == 1 && (profile == 0 || profile == PROFILE_RAID0)) || (copies == 2 && profile == PROFILE_DUP);
}

static int read_stripes(const struct btrfs_volume *v, struct btrfs_chunk *c, const uint8_t *stripes)
{
    for (unsigned i = 0; i < c->copies; i++) {
        c->physical[i] = le64_read(stripes + i * STRIPE_SIZE + 8);
        if (le64_read(stripes + i * STRIPE_SIZE) != v->device_id)
            return fs_doubt(v->source, "btrfs: chunk %" PRIu64 " lies on another device", c->logical);
        if (c->physical[i] % v->sector_size || c->physical[i] > v->device_size ||
            c->length > v->device_size - c->physical[i])
            return fs_doubt(v->source, "btrfs: chunk %" PRIu64 " lies outside of the device", c->logical);
    }
    return 0;
}

static int read_chunk(const struct btrfs_volume *v, const struct btrfs_key *key, const uint8_t *item,
                      struct btrfs_chunk *c)
{
    uint64_t profile = le64_read(item + 24) & ~(uint64_t)KIND_MASK;

    c->logical = key->offset;
    c->length = le64_read(item);
    c->copies = le16_read(item + 44);
    if (!is_profile(profile, c->copies))
        return fs_doubt(v->source, "btrfs: chunk %" PRIu64 " has %u stripes, profile 0x%" PRIx64, c->logical, c->copies,
                        profile);
    if (!c->length || c->length % v->sector_size || c->logical % v->sector_size || c->length > UINT64_MAX - c->logical)
        return fs_doubt(v->source, "btrfs: chunk %" PRIu64 " of %" PRIu64 " bytes", c->logical, c->length);
    return 0;
}

static int append(const struct btrfs_volume *v, struct btrfs_chunks *chunks, const struct btrfs_chunk *c)
{
    if (chunks->count == chunks->room) {
        size_t room = chunks->room ? 2 * chunks->room : 16;
        void *items = realloc(chunks->items, room * sizeof(*chunks->items));
        if (!items)
            return fs_doubt(v->source, "no memory for %zu chunks", room);
        chunks->items = items;
        chunks->room = room;
    }
    chunks->items[chunks->count++] = *c;
    return 0;
}

size_t btrfs_chunk_add(const struct btrfs_volume *v, struct btrfs_chunks *chunks, const struct btrfs_key *key,
                       const uint8_t *item, size_t size)
{
    struct btrfs_chunk c = {.copies = 0};

    if (key->objectid != FIRST_CHUNK_TREE || key->type != BTRFS_CHUNK_ITEM || size < CHUNK_SIZE) {
        fs_doubt(v->source, "btrfs: a chunk's item is malformed");
        return 0;
    }
    if (read_chunk(v, key, item, &c))
        return 0;
    if (size - CHUNK_SIZE < c.copies * (size_t)STRIPE_SIZE) {
        fs_doubt(v->source, "btrfs: the item of chunk %" PRIu64 " is cut off", c.logical);
        return 0;
    }
    if (read_stripes(v, &c, item + CHUNK_SIZE) || append(v, chunks, &c))
        return 0;
    return CHUNK_SIZE + c.copies * (size_t)STRIPE_SIZE;
}

static int compare(const void *left, const void *right)
{
    const struct btrfs_chunk *a = left, *b = right;

    return (a->logical > b->logical) - (a->logical < b->logical);
}

int btrfs_chunks_sort(const struct btrfs_volume *v, struct btrfs_chunks *chunks)
{
    if (!chunks->count)
        return fs_doubt(v->source, "btrfs: it has no chunks");
    qsort(chunks->items, chunks->count, sizeof(*chunks->items), compare);
    for (size_t i = 1; i < chunks->count; i++)
        if (chunks->items[i].logical - chunks->items[i - 1].logical < chunks->items[i - 1].length)
            return fs_doubt(v->source, "btrfs: chunk %" PRIu64 " overlaps another", chunks->items[i].logical);
    return 0;
}

void btrfs_chunks_free(struct btrfs_chunks *chunks)
{
    free(chunks->items);
    memset(chunks, 0, sizeof(*chunks));
}

struct btrfs_chunk *btrfs_chunk_find(const struct btrfs_chunks *chunks, uint64_t logical, uint64_t length)
{
    size_t low = 0, high = chunks->count;

    while (high - low > 1) {
        size_t middle = low + (high - low) / 2;
        *(chunks->items[middle].logical <= logical ? &low : &high) = middle;
    }
    if (low == chunks->count || logical < chunks->items[low].logical)
        return NULL;
    logical -= chunks->items[low].logical;
    if (logical > chunks->items[low].length || length > chunks->items[low].length - logical)
        return NULL;
    return &chunks->items[low];
}
