/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "agent/fs/xfs_layout.h"

#include <inttypes.h>
#include <string.h>

#include "agent/base/be.h"
#include "agent/base/le.h"
#include "agent/fs/fs_crc.h"

#define SECTOR_MAX 32768
#define SUPER_CRC 224
#define AGF_CRC 216
#define AG_BLOCKS_MIN 64
#define TREE_LEVELS_MAX 9

#define VERSION_MOREBITS 0x8000u
#define FEATURES2_LAZY_COUNT 0x2u
#define INCOMPAT_META_UUID 0x4u
#define INCOMPAT_NEEDS_REPAIR 0x10u
/* ftype, spinodes, meta_uuid, bigtime, nrext64, exchrange, parent: none of them changes where blocks are counted. */
#define INCOMPAT_KNOWN 0xefu
/* finobt, rmapbt, reflink, inobtcount: their trees lie in blocks that are in use like any other. */
#define RO_COMPAT_KNOWN 0xfu

bool xfs_crc_is_right(const uint8_t *data, size_t size, size_t crc_offset)
{
    static const uint8_t zero[4];
    uint32_t crc = fs_crc32c(UINT32_MAX, data, crc_offset);

    crc = fs_crc32c(fs_crc32c(crc, zero, 4), data + crc_offset + 4, size - crc_offset - 4);
    return ~crc == le32_read(data + crc_offset);
}

static int check_kind(struct fs_source *s, const uint8_t *super)
{
    uint32_t version = be16_read(super + 100) & 15;

    if (memcmp(super, "XFSB", 4))
        return fs_doubt(s, "XFS: the superblock's magic number is missing");
    if (version != 4 && version != 5)
        return fs_doubt(s, "XFS: version %" PRIu32 " is not known", version);
    if (super[126])
        return fs_doubt(s, "XFS: its creation or growth was not finished");
    if (be64_read(super + 16))
        return fs_doubt(s, "XFS: it has a realtime device");
    if (!be64_read(super + 48))
        return fs_doubt(s, "XFS: its log is on another device");
    return 0;
}

static int check_features(struct fs_source *s, const uint8_t *super)
{
    uint32_t ro_compat = be32_read(super + 212), incompat = be32_read(super + 216);

    if ((be16_read(super + 100) & 15) != 5)
        return 0;
    if (incompat & INCOMPAT_NEEDS_REPAIR)
        return fs_doubt(s, "XFS: it needs a repair");
    if (incompat & ~INCOMPAT_KNOWN || ro_compat & ~RO_COMPAT_KNOWN)
        return fs_doubt(s, "XFS: unknown features 0x%" PRIx32 ", 0x%" PRIx32, incompat & ~INCOMPAT_KNOWN,
                        ro_compat & ~RO_COMPAT_KNOWN);
    return 0;
}

/* `log` must be the logarithm of `size`. */
static bool is_size(uint32_t size, uint8_t log, uint32_t min, uint32_t max)
{
    return log < 31 && size == 1u << log && size >= min && size <= max;
}

static int read_sizes(struct fs_source *s, const uint8_t *super, struct xfs_layout *l)
{
    uint64_t whole;

    l->block_size = be32_read(super + 4);
    l->sector_size = be16_read(super + 102);
    l->blocks = be64_read(super + 8);
    l->free_blocks = be64_read(super + 144);
    l->ag_blocks = be32_read(super + 84);
    l->ags = be32_read(super + 88);
    if (!is_size(l->block_size, super[120], 512, XFS_BLOCK_MAX) ||
        !is_size(l->sector_size, super[121], 512, SECTOR_MAX) || l->sector_size > l->block_size)
        return fs_doubt(s, "XFS: blocks of %" PRIu32 " bytes, sectors of %" PRIu32, l->block_size, l->sector_size);
    if (l->blocks > s->size / l->block_size)
        return fs_doubt(s, "XFS: %" PRIu64 " blocks are more than its partition has", l->blocks);
    whole = (uint64_t)l->ag_blocks * (l->ags - 1ULL);
    if (!l->ags || l->ag_blocks < AG_BLOCKS_MIN || whole + AG_BLOCKS_MIN > l->blocks ||
        l->blocks - whole > l->ag_blocks)
        return fs_doubt(s, "XFS: %" PRIu32 " groups of %" PRIu32 " blocks do not make %" PRIu64, l->ags, l->ag_blocks,
                        l->blocks);
    return 0;
}

/* Block numbers of the file system have a group's number above `log` bits for the block in it. */
static int read_log_place(struct fs_source *s, const uint8_t *super, struct xfs_layout *l)
{
    uint8_t log = super[124];
    uint64_t start = be64_read(super + 48), group, block;

    if (log > 31 || l->ag_blocks > 1u << log || (l->ag_blocks - 1) >> (log ? log - 1 : 0) == 0)
        return fs_doubt(s, "XFS: block numbers of %d bits for %" PRIu32 " blocks in a group", log, l->ag_blocks);
    group = start >> log;
    block = start & ((1u << log) - 1);
    l->log_blocks = be32_read(super + 96);
    l->log_start = group * l->ag_blocks + block;
    if (group >= l->ags || block >= l->ag_blocks || !l->log_blocks || l->log_blocks > l->ag_blocks - block ||
        l->log_start + l->log_blocks > l->blocks)
        return fs_doubt(s, "XFS: its log lies outside (block 0x%" PRIx64 ")", start);
    return 0;
}

/* Version 4 has no checksums: its copies are all that tells a changed number. Names and counts may differ. */
static int check_copy(struct fs_source *s, const struct xfs_layout *l, const uint8_t *super)
{
    static const struct {
        unsigned offset, size;
    } same[] = {{4, 12}, {48, 8}, {84, 8}, {96, 4}, {102, 2}, {120, 2}, {124, 1}};
    uint8_t copy[512];

    if (l->ags < 2)
        return 0;
    if (fs_read(s, (uint64_t)l->ag_blocks * l->block_size, copy, sizeof(copy)))
        return -1;
    for (size_t i = 0; i < sizeof(same) / sizeof(same[0]); i++)
        if (memcmp(super + same[i].offset, copy + same[i].offset, same[i].size))
            return fs_doubt(s, "XFS: the superblock and its copy differ at byte %u", same[i].offset);
    return memcmp(copy, "XFSB", 4) ? fs_doubt(s, "XFS: the copy of the superblock is missing") : 0;
}

static void read_names(const uint8_t *super, struct xfs_layout *l)
{
    bool other = l->checksums && be32_read(super + 216) & INCOMPAT_META_UUID;

    memcpy(l->uuid, super + 32, 16);
    memcpy(l->meta_uuid, other ? super + 248 : super + 32, 16);
}

int xfs_layout_read(struct fs_source *s, struct xfs_layout *l)
{
    uint8_t super[SECTOR_MAX];

    memset(l, 0, sizeof(*l));
    if (fs_read(s, 0, super, 512) || check_kind(s, super) || check_features(s, super) || read_sizes(s, super, l))
        return -1;
    l->checksums = (be16_read(super + 100) & 15) == 5;
    l->lazy_count =
        l->checksums || (be16_read(super + 100) & VERSION_MOREBITS && be32_read(super + 200) & FEATURES2_LAZY_COUNT);
    if (fs_read(s, 0, super, l->sector_size))
        return -1;
    if (l->checksums && !xfs_crc_is_right(super, l->sector_size, SUPER_CRC))
        return fs_doubt(s, "XFS: the superblock's checksum is wrong");
    read_names(super, l);
    return read_log_place(s, super, l) || check_copy(s, l, super) ? -1 : 0;
}

static int check_agf(struct fs_source *s, const struct xfs_layout *l, uint32_t number, const uint8_t *agf)
{
    if (memcmp(agf, "XAGF", 4) || be32_read(agf + 4) != 1 || be32_read(agf + 8) != number)
        return fs_doubt(s, "XFS: the header of group %" PRIu32 " is missing", number);
    if (l->checksums && (!xfs_crc_is_right(agf, l->sector_size, AGF_CRC) || memcmp(agf + 64, l->meta_uuid, 16)))
        return fs_doubt(s, "XFS: the checksum or UUID of group %" PRIu32 " is wrong", number);
    return 0;
}

static int check_ag(struct fs_source *s, const struct xfs_layout *l, const struct xfs_ag *g)
{
    uint64_t rest = l->blocks - (uint64_t)g->number * l->ag_blocks;

    if (g->blocks != (rest < l->ag_blocks ? rest : l->ag_blocks))
        return fs_doubt(s, "XFS: group %" PRIu32 " has %" PRIu32 " blocks", g->number, g->blocks);
    for (int i = 0; i < 2; i++)
        if (g->root[i] >= g->blocks || !g->levels[i] || g->levels[i] > TREE_LEVELS_MAX)
            return fs_doubt(s, "XFS: the free-space tree of group %" PRIu32 " lies outside", g->number);
    return 0;
}

int xfs_ag_read(struct fs_source *s, const struct xfs_layout *l, uint32_t number, struct xfs_ag *ret)
{
    uint64_t start = (uint64_t)number * l->ag_blocks * l->block_size;
    uint8_t agf[SECTOR_MAX];

    if (fs_read(s, start + l->sector_size, agf, l->sector_size) || check_agf(s, l, number, agf))
        return -1;
    ret->number = number;
    ret->blocks = be32_read(agf + 12);
    for (int i = 0; i < 2; i++) {
        ret->root[i] = be32_read(agf + 16 + 4 * i);
        ret->levels[i] = be32_read(agf + 28 + 4 * i);
    }
    ret->list_blocks = be32_read(agf + 48);
    ret->free_blocks = be32_read(agf + 52);
    ret->longest = be32_read(agf + 56);
    ret->tree_blocks = be32_read(agf + 60);
    return check_ag(s, l, ret);
}
