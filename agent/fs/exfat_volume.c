/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "agent/fs/exfat_volume.h"

#include <inttypes.h>
#include <string.h>

#include "agent/base/le.h"

#define BOOT_SECTORS 11 /* that the checksum in the sector behind them covers */
#define SECTOR_MAX 4096
#define CLUSTERS_MAX 0xfffffff5u
#define END_OF_CHAIN 0xffffffffu
#define FLAG_SECOND_FAT 1u
#define FLAG_DIRTY 2u

static int read_sizes(struct exfat *x, const uint8_t *boot)
{
    unsigned sector_shift = boot[108], cluster_shift = boot[109];

    if (memcmp(boot + 3, "EXFAT   ", 8) || le16_read(boot + 510) != 0xaa55)
        return fs_doubt(x->source, "exFAT: the boot sector has no signature");
    if (boot[105] != 1)
        return fs_doubt(x->source, "exFAT: unknown revision %u.%02u", boot[105], boot[104]);
    if (sector_shift < 9 || sector_shift > 12 || cluster_shift > 25 - sector_shift)
        return fs_doubt(x->source, "exFAT: sectors of 2^%u bytes, clusters of 2^%u sectors", sector_shift,
                        cluster_shift);
    x->sector_size = 1u << sector_shift;
    x->cluster_size = (uint64_t)x->sector_size << cluster_shift;
    x->fats = boot[110];
    if (x->fats < 1 || x->fats > 2)
        return fs_doubt(x->source, "exFAT: %u FATs", x->fats);
    return 0;
}

/* Boot regions, FATs, clusters, end: each begins behind the one before. */
static int read_places(struct exfat *x, const uint8_t *boot)
{
    uint64_t sectors = le64_read(boot + 72), fat = le32_read(boot + 80), fat_size = le32_read(boot + 84);
    uint64_t heap = le32_read(boot + 88), per_cluster = x->cluster_size / x->sector_size;

    x->clusters = le32_read(boot + 92);
    x->root = le32_read(boot + 96);
    if (sectors > x->source->size / x->sector_size)
        return fs_doubt(x->source, "exFAT: its %" PRIu64 " sectors are more than its partition has", sectors);
    if (fat < 24 || fat + fat_size * x->fats > heap || heap > sectors || x->clusters > (sectors - heap) / per_cluster)
        return fs_doubt(x->source, "exFAT: its FAT and its clusters overlap or leave the volume");
    if (x->clusters == 0 || x->clusters > CLUSTERS_MAX || (x->clusters + 2ULL) * 4 > fat_size * x->sector_size)
        return fs_doubt(x->source, "exFAT: its FAT does not suit %" PRIu32 " clusters", x->clusters);
    x->size = sectors * x->sector_size;
    x->fat_start = fat * x->sector_size;
    if (le16_read(boot + 106) & FLAG_SECOND_FAT)
        x->fat_start += fat_size * x->sector_size;
    x->heap_start = heap * x->sector_size;
    return 0;
}

static uint32_t add_sum(uint32_t sum, const uint8_t *p, size_t size, bool boot)
{
    for (size_t i = 0; i < size; i++)
        if (!boot || (i != 106 && i != 107 && i != 112)) /* VolumeFlags and PercentInUse change with use */
            sum = (sum << 31 | sum >> 1) + p[i];
    return sum;
}

static int check_sum(struct exfat *x)
{
    uint8_t sector[SECTOR_MAX];
    uint32_t sum = 0;

    for (unsigned i = 0; i < BOOT_SECTORS; i++) {
        if (fs_read(x->source, (uint64_t)i * x->sector_size, sector, x->sector_size))
            return -1;
        sum = add_sum(sum, sector, x->sector_size, i == 0);
    }
    if (fs_read(x->source, (uint64_t)BOOT_SECTORS * x->sector_size, sector, x->sector_size))
        return -1;
    for (unsigned i = 0; i < x->sector_size; i += 4)
        if (le32_read(sector + i) != sum)
            return fs_doubt(x->source, "exFAT: the checksum of the boot region is wrong");
    return 0;
}

int exfat_volume_read(struct exfat *x, struct fs_source *s)
{
    uint8_t boot[512];
    unsigned flags;

    memset(x, 0, sizeof(*x));
    x->source = s;
    if (fs_read(s, 0, boot, sizeof(boot)) || read_sizes(x, boot) || check_sum(x) || read_places(x, boot))
        return -1;
    flags = le16_read(boot + 106);
    if (flags & FLAG_DIRTY)
        return fs_doubt(s, "exFAT: it was not cleanly unmounted");
    if (flags & FLAG_SECOND_FAT && x->fats != 2)
        return fs_doubt(s, "exFAT: the active FAT does not exist");
    return 0;
}

uint64_t exfat_offset(const struct exfat *x, uint32_t cluster)
{
    return x->heap_start + (cluster - EXFAT_FIRST_CLUSTER) * x->cluster_size;
}

static bool exists(const struct exfat *x, uint32_t cluster)
{
    return cluster >= EXFAT_FIRST_CLUSTER && cluster - EXFAT_FIRST_CLUSTER < x->clusters;
}

static int read_entry(struct exfat *x, uint32_t cluster, uint32_t *ret)
{
    uint64_t at = (uint64_t)cluster * 4, end = (x->clusters + 2ULL) * 4;

    if (at < x->window_start || at - x->window_start >= x->window_bytes) {
        x->window_start = at / EXFAT_WINDOW * EXFAT_WINDOW;
        x->window_bytes = end - x->window_start < EXFAT_WINDOW ? end - x->window_start : EXFAT_WINDOW;
        if (fs_read(x->source, x->fat_start + x->window_start, x->window, (size_t)x->window_bytes)) {
            x->window_bytes = 0;
            return -1;
        }
    }
    *ret = le32_read(x->window + (at - x->window_start));
    return 0;
}

struct exfat_stream exfat_stream_of(const struct exfat *x, uint32_t first, uint64_t bytes, bool contiguous)
{
    return (struct exfat_stream){
        .cluster = first,
        .contiguous = contiguous,
        .left = bytes / x->cluster_size + (bytes % x->cluster_size != 0),
    };
}

int exfat_stream_next(struct exfat *x, struct exfat_stream *stream, uint32_t *ret)
{
    if (stream->open ? stream->cluster == END_OF_CHAIN : stream->left == 0)
        return 0;
    if (!exists(x, stream->cluster))
        return fs_doubt(x->source, "exFAT: a file leads to cluster 0x%" PRIx32 ", which does not exist",
                        stream->cluster);
    *ret = stream->cluster++;
    stream->left--;
    if (stream->contiguous)
        return 1;
    return read_entry(x, *ret, &stream->cluster) ? -1 : 1;
}
