/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "agent/fs/ext_layout.h"

#include <inttypes.h>
#include <string.h>

#include "agent/base/le.h"
#include "agent/fs/fs_crc.h"

#define SUPER_OFFSET 1024
#define SUPER_SIZE 1024

#define RO_COMPAT_SPARSE_SUPER 0x1u
#define RO_COMPAT_GDT_CSUM 0x10u
#define RO_COMPAT_BIGALLOC 0x200u
#define RO_COMPAT_METADATA_CSUM 0x400u
#define COMPAT_SPARSE_SUPER2 0x200u
#define INCOMPAT_RECOVER 0x4u
#define INCOMPAT_META_BG 0x10u
#define INCOMPAT_64BIT 0x80u
#define INCOMPAT_CSUM_SEED 0x2000u
/* filetype, recover, meta_bg, extents, 64bit, mmp, flex_bg, ea_inode, dirdata, csum_seed, large_dir, inline_data,
 * encrypt, casefold: none of them changes where blocks are counted. Compression and journal devices are left out on
 * purpose. */
#define INCOMPAT_KNOWN 0x3f7d6u

#define GROUP_BLOCK_UNINIT 0x2u

static uint32_t word(const uint8_t *super, unsigned offset)
{
    return le32_read(super + offset);
}

/* A journal that was not replayed may hold block bitmaps newer than those on the disk: the map would miss data. */
static int check_state(struct fs_source *s, const uint8_t *super)
{
    uint32_t incompat = word(super, 96), state = le16_read(super + 58);

    if (le16_read(super + 56) != 0xef53)
        return fs_doubt(s, "ext: the superblock's magic number is missing");
    if (incompat & ~INCOMPAT_KNOWN)
        return fs_doubt(s, "ext: unknown features 0x%" PRIx32, incompat & ~INCOMPAT_KNOWN);
    if (incompat & INCOMPAT_RECOVER)
        return fs_doubt(s, "ext: its journal was not replayed (not cleanly unmounted)");
    if (!(state & 1) || state & 6)
        return fs_doubt(s, "ext: not cleanly unmounted, or with errors (state 0x%" PRIx32 ")", state);
    return 0;
}

static int read_features(struct fs_source *s, const uint8_t *super, struct ext_layout *l)
{
    uint32_t compat = word(super, 92), incompat = word(super, 96), ro_compat = word(super, 100);

    l->meta_groups = incompat & INCOMPAT_META_BG;
    l->sparse = ro_compat & RO_COMPAT_SPARSE_SUPER;
    l->sparse2 = compat & COMPAT_SPARSE_SUPER2;
    l->group_crc16 = ro_compat & RO_COMPAT_GDT_CSUM;
    l->metadata_crc32 = ro_compat & RO_COMPAT_METADATA_CSUM;
    memcpy(l->uuid, super + 104, sizeof(l->uuid));
    l->backup_groups[0] = word(super, 588);
    l->backup_groups[1] = word(super, 592);
    if (!l->metadata_crc32)
        return 0;
    l->seed = incompat & INCOMPAT_CSUM_SEED ? word(super, 624) : fs_crc32c(UINT32_MAX, l->uuid, 16);
    if (fs_crc32c(UINT32_MAX, super, 1020) != word(super, 1020))
        return fs_doubt(s, "ext: the superblock's checksum is wrong");
    return 0;
}

static int read_sizes(struct fs_source *s, const uint8_t *super, struct ext_layout *l)
{
    bool bigalloc = word(super, 100) & RO_COMPAT_BIGALLOC, wide = word(super, 96) & INCOMPAT_64BIT;
    uint32_t log_block = word(super, 24), log_cluster = word(super, 28);

    if (log_block > 6 || log_cluster < log_block || log_cluster > 20 || (!bigalloc && log_cluster != log_block))
        return fs_doubt(s, "ext: block size 1024 << %" PRIu32 ", cluster size 1024 << %" PRIu32, log_block,
                        log_cluster);
    l->block_size = 1024u << log_block;
    l->cluster_ratio = 1u << (log_cluster - log_block);
    l->blocks = word(super, 4) | (wide ? (uint64_t)word(super, 336) << 32 : 0);
    l->free_blocks = word(super, 12) | (wide ? (uint64_t)word(super, 344) << 32 : 0);
    l->first_block = word(super, 20);
    l->super_block = l->block_size == 1024 ? 1 : 0;
    if (l->first_block != (l->block_size == 1024 && !bigalloc ? 1 : 0))
        return fs_doubt(s, "ext: the first data block is %" PRIu64, l->first_block);
    if (l->blocks <= l->first_block + 1 || l->blocks > s->size / l->block_size)
        return fs_doubt(s, "ext: %" PRIu64 " blocks are more than its partition has", l->blocks);
    return 0;
}

static int read_group_sizes(struct fs_source *s, const uint8_t *super, struct ext_layout *l)
{
    uint32_t inodes_per_group = word(super, 40), inode_size = word(super, 76) ? le16_read(super + 88) : 128;
    uint64_t groups;

    l->blocks_per_group = word(super, 32);
    l->clusters_per_group = l->cluster_ratio > 1 ? word(super, 36) : l->blocks_per_group;
    if (!l->clusters_per_group || l->clusters_per_group % 8 || l->clusters_per_group > 8 * l->block_size ||
        (uint64_t)l->clusters_per_group * l->cluster_ratio != l->blocks_per_group)
        return fs_doubt(s, "ext: %" PRIu32 " blocks in a group", l->blocks_per_group);
    groups = (l->blocks - l->first_block + l->blocks_per_group - 1) / l->blocks_per_group;
    if (inode_size < 128 || inode_size > l->block_size || !inodes_per_group || inodes_per_group > 8 * l->block_size)
        return fs_doubt(s, "ext: %" PRIu32 " inodes of %" PRIu32 " bytes in a group", inodes_per_group, inode_size);
    l->inode_table_blocks = (uint32_t)(((uint64_t)inodes_per_group * inode_size + l->block_size - 1) / l->block_size);
    if (groups > UINT32_MAX || groups * l->inode_table_blocks > l->blocks ||
        groups * inodes_per_group != word(super, 0))
        return fs_doubt(s, "ext: %" PRIu64 " groups do not suit %" PRIu32 " inodes", groups, word(super, 0));
    l->groups = (uint32_t)groups;
    return 0;
}

static int read_descriptor_sizes(struct fs_source *s, const uint8_t *super, struct ext_layout *l)
{
    l->descriptor_size = word(super, 96) & INCOMPAT_64BIT ? le16_read(super + 254) : 32;
    if (l->descriptor_size < 32 || l->descriptor_size > 1024 || l->descriptor_size & (l->descriptor_size - 1))
        return fs_doubt(s, "ext: group descriptors of %" PRIu32 " bytes", l->descriptor_size);
    l->descriptors_per_block = l->block_size / l->descriptor_size;
    l->descriptor_blocks = (l->groups + l->descriptors_per_block - 1) / l->descriptors_per_block;
    l->reserved_descriptor_blocks = le16_read(super + 206);
    l->first_meta_group = l->meta_groups ? word(super, 260) : l->descriptor_blocks;
    if (l->first_meta_group > l->descriptor_blocks)
        l->first_meta_group = l->descriptor_blocks;
    if ((uint64_t)l->super_block + 1 + l->first_meta_group + l->reserved_descriptor_blocks > l->blocks_per_group)
        return fs_doubt(s, "ext: %" PRIu32 " descriptor blocks do not fit into a group", l->first_meta_group);
    return 0;
}

int ext_layout_read(struct fs_source *s, struct ext_layout *l)
{
    uint8_t super[SUPER_SIZE];

    memset(l, 0, sizeof(*l));
    if (fs_read(s, SUPER_OFFSET, super, sizeof(super)) || check_state(s, super) || read_features(s, super, l) ||
        read_sizes(s, super, l) || read_group_sizes(s, super, l))
        return -1;
    return read_descriptor_sizes(s, super, l);
}

static bool is_power_of(uint32_t x, uint32_t base)
{
    while (x > 1 && x % base == 0)
        x /= base;
    return x == 1;
}

bool ext_group_has_super(const struct ext_layout *l, uint32_t g)
{
    if (g == 0)
        return true;
    if (l->sparse2)
        return g == l->backup_groups[0] || g == l->backup_groups[1];
    return !l->sparse || is_power_of(g, 3) || is_power_of(g, 5) || is_power_of(g, 7);
}

/* Meta groups keep one block of descriptors in their first, second and last group. */
static bool has_meta_descriptors(const struct ext_layout *l, uint32_t g)
{
    uint32_t place = g % l->descriptors_per_block;

    return g / l->descriptors_per_block >= l->first_meta_group &&
           (place == 0 || place == 1 || place == l->descriptors_per_block - 1);
}

/* Bigalloc with blocks of 1 KiB starts group 0 at block 0, one before its superblock. */
static uint64_t super_blocks(const struct ext_layout *l, uint32_t g)
{
    return ext_group_has_super(l, g) ? 1 + (g == 0 ? l->super_block - l->first_block : 0) : 0;
}

uint64_t ext_group_head_blocks(const struct ext_layout *l, uint32_t g)
{
    uint64_t head = super_blocks(l, g);

    if (l->meta_groups && g / l->descriptors_per_block >= l->first_meta_group)
        return head + has_meta_descriptors(l, g);
    return head ? head + l->first_meta_group + l->reserved_descriptor_blocks : 0;
}

static uint64_t descriptor_offset(const struct ext_layout *l, uint32_t g)
{
    uint32_t index = g / l->descriptors_per_block, first = index * l->descriptors_per_block;
    uint64_t block;

    if (index < l->first_meta_group)
        block = (uint64_t)l->super_block + 1 + index;
    else
        block = l->first_block + (uint64_t)first * l->blocks_per_group + super_blocks(l, first);
    return block * l->block_size + (uint64_t)(g % l->descriptors_per_block) * l->descriptor_size;
}

static int check_descriptor(struct fs_source *s, const struct ext_layout *l, uint32_t g, const uint8_t *d)
{
    static const uint8_t zero[2];
    const uint8_t number[4] = {(uint8_t)g, (uint8_t)(g >> 8), (uint8_t)(g >> 16), (uint8_t)(g >> 24)};
    uint32_t crc = le16_read(d + 30);

    if (l->metadata_crc32) {
        crc = fs_crc32c(fs_crc32c(l->seed, number, 4), d, 30);
        crc = fs_crc32c(fs_crc32c(crc, zero, 2), d + 32, l->descriptor_size - 32) & 0xffff;
    } else if (l->group_crc16) {
        crc = fs_crc16(fs_crc16(fs_crc16(UINT16_MAX, l->uuid, 16), number, 4), d, 30);
        crc = fs_crc16((uint16_t)crc, d + 32, l->descriptor_size - 32);
    }
    return crc == le16_read(d + 30) ? 0 : fs_doubt(s, "ext: the checksum of group %" PRIu32 " is wrong", g);
}

static uint64_t wide_number(const struct ext_layout *l, const uint8_t *d, unsigned low, unsigned high)
{
    return le32_read(d + low) | (l->descriptor_size >= 64 ? (uint64_t)le32_read(d + high) << 32 : 0);
}

static bool inside(const struct ext_layout *l, uint64_t block, uint64_t count)
{
    return block > l->first_block && block < l->blocks && count <= l->blocks - block;
}

static void read_bitmap_crc(const struct ext_layout *l, const uint8_t *d, struct ext_group *g)
{
    if (!l->metadata_crc32)
        return;
    g->bitmap_crc = le16_read(d + 24);
    g->bitmap_crc_bits = 16;
    if (l->descriptor_size >= 64) {
        g->bitmap_crc |= (uint32_t)le16_read(d + 56) << 16;
        g->bitmap_crc_bits = 32;
    }
}

int ext_group_read(struct fs_source *s, const struct ext_layout *l, uint32_t g, struct ext_group *ret)
{
    uint8_t d[1024];

    memset(ret, 0, sizeof(*ret));
    if (fs_read(s, descriptor_offset(l, g), d, l->descriptor_size) || check_descriptor(s, l, g, d))
        return -1;
    ret->first = l->first_block + (uint64_t)g * l->blocks_per_group;
    ret->count = l->blocks - ret->first < l->blocks_per_group ? l->blocks - ret->first : l->blocks_per_group;
    ret->bitmap = wide_number(l, d, 0, 32);
    ret->inode_bitmap = wide_number(l, d, 4, 36);
    ret->inode_table = wide_number(l, d, 8, 40);
    ret->free_clusters = le16_read(d + 12) | (l->descriptor_size >= 64 ? (uint32_t)le16_read(d + 44) << 16 : 0);
    ret->bitmap_uninit = (l->metadata_crc32 || l->group_crc16) && le16_read(d + 18) & GROUP_BLOCK_UNINIT;
    read_bitmap_crc(l, d, ret);
    if (!inside(l, ret->bitmap, 1) || !inside(l, ret->inode_bitmap, 1) ||
        !inside(l, ret->inode_table, l->inode_table_blocks))
        return fs_doubt(s, "ext: the metadata of group %" PRIu32 " lies outside", g);
    if (ext_group_head_blocks(l, g) > ret->count)
        return fs_doubt(s, "ext: group %" PRIu32 " is too short for its superblock", g);
    return 0;
}
