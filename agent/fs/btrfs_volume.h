/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A btrfs volume of one device: its superblock, and where its chunks lie on the device. Names and rules as in the
 * kernel's include/uapi/linux/btrfs_tree.h. */
#ifndef SLIPWAY_AGENT_BTRFS_VOLUME_H
#define SLIPWAY_AGENT_BTRFS_VOLUME_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "agent/fs/block_map.h"

#define BTRFS_COPIES_MAX 2 /* DUP */
#define BTRFS_CHUNK_ITEM 228

struct btrfs_key {
    uint64_t objectid;
    uint8_t type;
    uint64_t offset;
};

/* A tree: where its root is and what that must say of itself. */
struct btrfs_root {
    uint64_t logical, generation, owner;
    uint8_t level;
};

struct btrfs_chunk {
    uint64_t logical, length;            /* bytes */
    uint64_t physical[BTRFS_COPIES_MAX]; /* bytes of the device; inside it */
    unsigned copies;
    uint64_t used;     /* bytes of the extents found in it */
    uint64_t declared; /* bytes that its block group says are used */
    bool has_group;
};

struct btrfs_chunks {
    struct btrfs_chunk *items; /* ascending and apart once btrfs_chunks_sort has succeeded */
    size_t count, room;
};

struct btrfs_volume {
    struct fs_source *source;
    uint32_t sector_size, node_size; /* bytes */
    uint64_t device_size, device_id; /* bytes */
    uint64_t generation, bytes_used;
    bool block_group_tree; /* block groups have a tree of their own */
    struct btrfs_root root_tree, chunk_tree;
    uint8_t fsid[16]; /* what every node carries */
    struct btrfs_chunks chunks;
};

/* Reads and checks the superblock; v->chunks is then what it says of the system's chunks. v->source is set by the
 * caller. Returns 0, or -1 with a doubt. Release v->chunks in both cases. */
int btrfs_volume_read(struct btrfs_volume *v);

/* Adds a chunk from a CHUNK_ITEM of `size` bytes. Returns its length in bytes (an item may be followed by others), or 0
 * with a doubt. */
size_t btrfs_chunk_add(const struct btrfs_volume *v, struct btrfs_chunks *chunks, const struct btrfs_key *key,
                       const uint8_t *item, size_t size);

/* Puts the chunks in order. Returns 0, or -1 with a doubt: two overlap. */
int btrfs_chunks_sort(const struct btrfs_volume *v, struct btrfs_chunks *chunks);

void btrfs_chunks_free(struct btrfs_chunks *chunks);

/* The chunk that holds all of [logical, logical + length), or NULL. */
struct btrfs_chunk *btrfs_chunk_find(const struct btrfs_chunks *chunks, uint64_t logical, uint64_t length);

/* Reads a key from its 17 bytes on the disk. */
struct btrfs_key btrfs_key_read(const uint8_t *p);

/* Whether the CRC-32C at the start of a superblock or node of `size` bytes is right. */
bool btrfs_crc_is_right(const uint8_t *data, size_t size);

#endif
