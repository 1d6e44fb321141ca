/* SPDX-License-Identifier: GPL-2.0-or-later */
/* FAT12, FAT16 and FAT32: Microsoft's "FAT File System Specification" 1.03, whose names are kept. */
#include "agent/fs/block_map.h"

#include <inttypes.h>
#include <string.h>

#include "agent/base/le.h"

#define WINDOW 16384 /* bytes of a FAT held at once; a multiple of 4 and of every sector size */

struct fat {
    unsigned bits;                /* 12, 16 or 32 */
    unsigned fats, active;        /* how many FATs; which one counts */
    bool mirrored;                /* all FATs must be equal */
    uint64_t fat_start, fat_size; /* bytes */
    uint64_t data_start;          /* bytes */
    uint64_t cluster_size;        /* bytes */
    uint32_t clusters;
};

static bool power_of_two(uint32_t x)
{
    return x && !(x & (x - 1));
}

static int read_layout(struct fs_source *s, const uint8_t *boot, struct fat *t)
{
    uint32_t sector = le16_read(boot + 11), per_cluster = boot[13], reserved = le16_read(boot + 14);
    uint32_t root_entries = le16_read(boot + 17);
    uint64_t sectors = le16_read(boot + 19) ? le16_read(boot + 19) : le32_read(boot + 32);
    uint64_t fat_sectors = le16_read(boot + 22) ? le16_read(boot + 22) : le32_read(boot + 36);
    uint64_t root_sectors, data_sector;

    t->fats = boot[16];
    if (!power_of_two(sector) || sector < 512 || sector > 4096 || !power_of_two(per_cluster) || !reserved)
        return fs_doubt(s, "FAT: sector or cluster size is not valid");
    if (t->fats < 1 || t->fats > 2 || !fat_sectors || !sectors)
        return fs_doubt(s, "FAT: number or size of the FATs is not valid");
    root_sectors = (root_entries * 32ULL + sector - 1) / sector;
    data_sector = reserved + t->fats * fat_sectors + root_sectors;
    if (data_sector >= sectors || sectors * sector > s->size)
        return fs_doubt(s, "FAT: it is larger than its partition");
    t->fat_start = (uint64_t)reserved * sector;
    t->fat_size = fat_sectors * sector;
    t->data_start = data_sector * sector;
    t->cluster_size = (uint64_t)per_cluster * sector;
    t->clusters = (uint32_t)((sectors - data_sector) / per_cluster);
    return 0;
}

static int read_kind(struct fs_source *s, const uint8_t *boot, struct fat *t)
{
    uint32_t ext_flags = le16_read(boot + 40);

    /* By the specification the count of clusters alone decides. Linux and firmware take FAT32 by its layout (no 16-bit
     * FAT size), and small EFI system partitions rely on it: mkfs.vfat -F 32 makes them. */
    t->bits = le16_read(boot + 22) == 0 ? 32 : t->clusters < 4085 ? 12 : 16;
    if (t->bits == 16 && t->clusters >= 65525)
        return fs_doubt(s, "FAT: %" PRIu32 " clusters do not suit its layout", t->clusters);
    if ((t->clusters + 2ULL) * t->bits > t->fat_size * 8)
        return fs_doubt(s, "FAT: its table is too small for %" PRIu32 " clusters", t->clusters);
    t->mirrored = t->bits != 32 || !(ext_flags & 0x80);
    t->active = t->mirrored ? 0 : ext_flags & 15;
    if (t->active >= t->fats)
        return fs_doubt(s, "FAT: the active FAT does not exist");
    if (t->bits == 32 && (le32_read(boot + 44) < 2 || le32_read(boot + 44) - 2 >= t->clusters))
        return fs_doubt(s, "FAT: the root directory lies outside");
    return 0;
}

/* FAT32 keeps a copy of its boot sector. All but the state byte, which Linux sets in the first alone, must be equal:
 * nothing else protects the numbers in it. */
static int check_backup(struct fs_source *s, const uint8_t *boot)
{
    uint32_t sector = le16_read(boot + 50);
    uint8_t backup[512];

    if (sector == 0 || sector >= le16_read(boot + 14))
        return 0;
    if (fs_read(s, (uint64_t)sector * le16_read(boot + 11), backup, sizeof(backup)))
        return -1;
    backup[65] = boot[65];
    return memcmp(boot, backup, sizeof(backup)) ? fs_doubt(s, "FAT: its two boot sectors differ") : 0;
}

/* Reads bytes of the active FAT and makes sure that its mirror says the same. */
static int read_window(struct fs_source *s, const struct fat *t, uint64_t offset, uint8_t *window, size_t size)
{
    uint8_t mirror[WINDOW];

    if (fs_read(s, t->fat_start + t->active * t->fat_size + offset, window, size))
        return -1;
    if (!t->mirrored || t->fats == 1)
        return 0;
    if (fs_read(s, t->fat_start + t->fat_size + offset, mirror, size))
        return -1;
    return memcmp(window, mirror, size) ? fs_doubt(s, "FAT: its two FATs differ") : 0;
}

/* A walk over the entries in order, through a window. FAT12's entries cross bytes: its FAT (at most 6 KiB) fits whole.
 */
struct entries {
    uint8_t window[WINDOW];
    uint64_t offset;
    size_t size;
};

static int next_entry(struct fs_source *s, const struct fat *t, struct entries *e, uint32_t i, uint32_t *ret)
{
    uint64_t at = (uint64_t)i * t->bits / 8;

    if (at - e->offset >= e->size || e->size == 0) {
        uint64_t end = ((t->clusters + 2ULL) * t->bits + 7) / 8;
        e->offset = at;
        e->size = end - at < WINDOW ? (size_t)(end - at) : WINDOW;
        if (read_window(s, t, at, e->window, e->size))
            return -1;
    }
    const uint8_t *p = e->window + (at - e->offset);
    if (t->bits == 12)
        *ret = (i & 1 ? le16_read(p) >> 4 : le16_read(p)) & 0xfff;
    else
        *ret = t->bits == 16 ? le16_read(p) : le32_read(p) & 0x0fffffff;
    return 0;
}

/* The first value that means "bad cluster"; everything above it ends a chain. */
static uint32_t bad_cluster(const struct fat *t)
{
    return t->bits == 12 ? 0xff7 : t->bits == 16 ? 0xfff7 : 0x0ffffff7;
}

/* Entry 1 has a bit each for "cleanly unmounted" and "no errors seen"; FAT12 has none. */
static int check_clean(struct fs_source *s, const struct fat *t, const uint8_t *boot, uint32_t entry1)
{
    uint32_t clean = t->bits == 16 ? 0xc000 : t->bits == 32 ? 0x0c000000 : 0;

    if ((entry1 & clean) != clean || boot[t->bits == 32 ? 65 : 37] & 3)
        return fs_doubt(s, "FAT: it was not cleanly unmounted");
    return 0;
}

static int mark_used(struct fs_source *s, const struct fat *t, const uint8_t *boot)
{
    struct entries e = {.size = 0};
    uint32_t entry;

    for (uint32_t i = 0; i < t->clusters + 2; i++) {
        if (next_entry(s, t, &e, i, &entry))
            return -1;
        if (i == 0 && (entry & 0xff) != boot[21])
            return fs_doubt(s, "FAT: its first entry does not repeat the media type");
        if (i == 1 && check_clean(s, t, boot, entry))
            return -1;
        /* The content of a bad cluster is of no use to anybody, and reading it may fail. */
        if (i >= 2 && entry && entry != bad_cluster(t))
            fs_map_mark(s->map, i - 2, 1);
    }
    return 0;
}

/* Each chain must go on in clusters that are in use: a flipped bit that freed one is found here. */
static int check_chains(struct fs_source *s, const struct fat *t)
{
    struct entries e = {.size = 0};
    uint32_t entry;

    for (uint32_t i = 0; i < t->clusters + 2; i++) {
        if (next_entry(s, t, &e, i, &entry))
            return -1;
        if (i < 2 || entry == 0 || entry >= bad_cluster(t))
            continue;
        if (entry < 2 || entry - 2 >= t->clusters || !fs_map_is_marked(s->map, entry - 2))
            return fs_doubt(s, "FAT: cluster %" PRIu32 " leads to %" PRIu32 ", which is not in use", i, entry);
    }
    return 0;
}

int fs_fat_map(struct fs_source *s)
{
    uint8_t boot[512];
    struct fat t = {0};

    if (fs_read(s, 0, boot, sizeof(boot)) || read_layout(s, boot, &t) || read_kind(s, boot, &t))
        return -1;
    if (t.bits == 32 && check_backup(s, boot))
        return -1;
    if (fs_map_init(s, t.data_start, t.cluster_size, t.clusters) || mark_used(s, &t, boot) || check_chains(s, &t))
        return -1;
    if (t.bits == 32 && !fs_map_is_marked(s->map, le32_read(boot + 44) - 2))
        return fs_doubt(s, "FAT: the root directory is not in use");
    return 0;
}
