/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "agent/fs/btrfs_volume.h"

#include <inttypes.h>
#include <string.h>

#include "agent/base/le.h"
#include "agent/fs/fs_crc.h"

#define SUPER_OFFSET 65536
#define SUPER_SIZE 4096
#define SYSTEM_CHUNKS 811
#define SYSTEM_CHUNKS_MAX 2048
#define DEVICE_SIZE_MIN (1024 * 1024)
#define LEVEL_MAX 7
#define KEY_SIZE 17

/* written, relocated, seed device. Not: error, metadata dump, a change of UUID or checksums that was not finished. */
#define FLAGS_KNOWN 0x100000003u
/* Up to no_holes, metadata_uuid, raid1c34; and simple_quota. Not: zoned, extent_tree_v2, raid_stripe_tree, which keep
 * extents elsewhere or move them. */
#define INCOMPAT_KNOWN 0x10fffu
#define INCOMPAT_METADATA_UUID 0x400u
/* free_space_tree, free_space_tree_valid, verity, block_group_tree. */
#define COMPAT_RO_KNOWN 0xfu
#define COMPAT_RO_BLOCK_GROUP_TREE 0x8u

bool btrfs_crc_is_right(const uint8_t *data, size_t size)
{
    return ~fs_crc32c(UINT32_MAX, data + 32, size - 32) == le32_read(data);
}

struct btrfs_key btrfs_key_read(const uint8_t *p)
{
    return (struct btrfs_key){.objectid = le64_read(p), .type = p[8], .offset = le64_read(p + 9)};
}

static int check_kind(struct fs_source *s, const uint8_t *super)
{
    if (memcmp(super + 64, "_BHRfS_M", 8))
        return fs_doubt(s, "btrfs: the superblock's magic number is missing");
    if (le16_read(super + 196) != 0)
        return fs_doubt(s, "btrfs: its kind of checksum (%d) is not known, only CRC-32C is", le16_read(super + 196));
    if (!btrfs_crc_is_right(super, SUPER_SIZE) || le64_read(super + 48) != SUPER_OFFSET)
        return fs_doubt(s, "btrfs: the superblock's checksum or place is wrong");
    if (le64_read(super + 136) != 1)
        return fs_doubt(s, "btrfs: it has %" PRIu64 " devices", le64_read(super + 136));
    return 0;
}

/* What fsync() wrote since the last commit is in the log trees alone, and their blocks are in no extent tree. */
static int check_state(struct fs_source *s, const uint8_t *super)
{
    uint64_t flags = le64_read(super + 56) & ~(uint64_t)FLAGS_KNOWN;
    uint64_t compat_ro = le64_read(super + 180) & ~(uint64_t)COMPAT_RO_KNOWN;
    uint64_t incompat = le64_read(super + 188) & ~(uint64_t)INCOMPAT_KNOWN;

    if (flags)
        return fs_doubt(s, "btrfs: with errors, or in the middle of a change (flags 0x%" PRIx64 ")", flags);
    if (compat_ro || incompat)
        return fs_doubt(s, "btrfs: unknown features 0x%" PRIx64 ", 0x%" PRIx64, incompat, compat_ro);
    if (le64_read(super + 96))
        return fs_doubt(s, "btrfs: its log was not replayed (not cleanly unmounted)");
    return 0;
}

static bool is_size(uint32_t size)
{
    return size >= 4096 && size <= 65536 && !(size & (size - 1));
}

static int read_sizes(struct btrfs_volume *v, const uint8_t *super)
{
    v->sector_size = le32_read(super + 144);
    v->node_size = le32_read(super + 148);
    v->device_id = le64_read(super + 201);
    v->device_size = le64_read(super + 209);
    v->generation = le64_read(super + 72);
    v->bytes_used = le64_read(super + 120);
    if (!is_size(v->sector_size) || !is_size(v->node_size) || v->node_size < v->sector_size)
        return fs_doubt(v->source, "btrfs: sectors of %" PRIu32 " bytes, nodes of %" PRIu32, v->sector_size,
                        v->node_size);
    if (v->device_size > v->source->size || v->device_size < DEVICE_SIZE_MIN)
        return fs_doubt(v->source, "btrfs: a device of %" PRIu64 " bytes in a partition of %" PRIu64, v->device_size,
                        v->source->size);
    return 0;
}

static int read_trees(struct btrfs_volume *v, const uint8_t *super)
{
    uint64_t compat_ro = le64_read(super + 180), incompat = le64_read(super + 188);

    v->block_group_tree = compat_ro & COMPAT_RO_BLOCK_GROUP_TREE;
    memcpy(v->fsid, super + (incompat & INCOMPAT_METADATA_UUID ? 571 : 32), sizeof(v->fsid));
    v->root_tree = (struct btrfs_root){
        .logical = le64_read(super + 80), .generation = v->generation, .owner = 1, .level = super[198]};
    v->chunk_tree = (struct btrfs_root){
        .logical = le64_read(super + 88), .generation = le64_read(super + 164), .owner = 3, .level = super[199]};
    if (v->root_tree.level > LEVEL_MAX || v->chunk_tree.level > LEVEL_MAX)
        return fs_doubt(v->source, "btrfs: trees of %d and %d levels", v->root_tree.level, v->chunk_tree.level);
    return 0;
}

static int read_system_chunks(struct btrfs_volume *v, const uint8_t *super)
{
    size_t size = le32_read(super + 160), at = 0, length;

    if (size > SYSTEM_CHUNKS_MAX)
        return fs_doubt(v->source, "btrfs: %zu bytes of system chunks", size);
    for (; at < size; at += KEY_SIZE + length) {
        const uint8_t *p = super + SYSTEM_CHUNKS + at;
        struct btrfs_key key;
        if (size - at < KEY_SIZE)
            return fs_doubt(v->source, "btrfs: a system chunk is cut off");
        key = btrfs_key_read(p);
        length = btrfs_chunk_add(v, &v->chunks, &key, p + KEY_SIZE, size - at - KEY_SIZE);
        if (!length)
            return -1;
    }
    return btrfs_chunks_sort(v, &v->chunks);
}

int btrfs_volume_read(struct btrfs_volume *v)
{
    uint8_t super[SUPER_SIZE];

    if (fs_read(v->source, SUPER_OFFSET, super, sizeof(super)) || check_kind(v->source, super) ||
        check_state(v->source, super) || read_sizes(v, super) || read_trees(v, super))
        return -1;
    return read_system_chunks(v, super);
}
