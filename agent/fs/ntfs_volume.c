/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "agent/fs/ntfs_volume.h"

#include <inttypes.h>
#include <string.h>

#include "agent/base/le.h"

static bool power_of_two(uint64_t x)
{
    return x && !(x & (x - 1));
}

/* A count up to 128 stands for itself, above it is the negative of a power of two: Windows 10 writes clusters of more
 * than 128 sectors so. */
static uint64_t sectors_per_cluster(uint8_t byte)
{
    if (byte <= 128)
        return byte;
    return byte >= 256 - 12 ? 1u << (256 - byte) : 0;
}

/* Of clusters when positive, else of 2 to the power of its negative in bytes. */
static uint64_t record_size(uint8_t byte, uint32_t cluster_size)
{
    if (byte < 128)
        return (uint64_t)byte * cluster_size;
    return byte >= 256 - 12 ? 1u << (256 - byte) : 0;
}

static int read_sizes(struct ntfs *n, const uint8_t *boot)
{
    uint64_t sectors = le64_read(boot + 40), cluster, record;

    n->sector_size = le16_read(boot + 11);
    cluster = sectors_per_cluster(boot[13]) * n->sector_size;
    if (!power_of_two(n->sector_size) || n->sector_size < 512 || n->sector_size > 4096 || !power_of_two(cluster) ||
        cluster > NTFS_CLUSTER_MAX)
        return fs_doubt(n->source, "NTFS: sectors of %" PRIu32 " bytes, clusters of %" PRIu64, n->sector_size, cluster);
    n->cluster_size = (uint32_t)cluster;
    record = record_size(boot[64], n->cluster_size);
    if (!power_of_two(record) || record < 512 || record > NTFS_RECORD_MAX)
        return fs_doubt(n->source, "NTFS: MFT records of %" PRIu64 " bytes", record);
    n->record_size = (uint32_t)record;
    if (sectors >= n->source->size / n->sector_size)
        return fs_doubt(n->source,
                        "NTFS: its %" PRIu64 " sectors and the backup boot sector are more than its partition has",
                        sectors);
    n->size = sectors * n->sector_size;
    n->clusters = n->size / n->cluster_size;
    return 0;
}

static int read_places(struct ntfs *n, const uint8_t *boot)
{
    n->mft = le64_read(boot + 48);
    n->mirror = le64_read(boot + 56);
    if (n->mft == 0 || n->mft >= n->clusters || n->mirror == 0 || n->mirror >= n->clusters)
        return fs_doubt(n->source, "NTFS: $MFT or $MFTMirr lies outside of the volume");
    return 0;
}

/* Boot code, geometry and the partition's start are left out: tools that move or repair a volume write them into the
 * first boot sector alone. Returns 1 when the sector at `offset` repeats the boot sector, 0 when it does not, -1 with a
 * doubt. */
static int is_backup(struct ntfs *n, uint64_t offset, const uint8_t *boot)
{
    uint8_t backup[512];

    if (offset > n->source->size - sizeof(backup))
        return 0;
    if (fs_read(n->source, offset, backup, sizeof(backup)))
        return -1;
    return !memcmp(boot + 3, backup + 3, 24 - 3) && !memcmp(boot + 40, backup + 40, 80 - 40);
}

/* Windows keeps the backup behind the last sector, which it makes the partition's last but one; ntfsresize in the last
 * sector of the cluster behind the last; ntfsfix in the last sector of the partition. */
static int check_backup(struct ntfs *n, const uint8_t *boot)
{
    const uint64_t places[] = {n->size, (n->clusters + 1) * n->cluster_size - n->sector_size,
                               n->source->size / n->sector_size * n->sector_size - n->sector_size};

    for (size_t i = 0; i < sizeof(places) / sizeof(places[0]); i++) {
        int same = is_backup(n, places[i], boot);
        if (same)
            return same < 0 ? -1 : 0;
    }
    return fs_doubt(n->source, "NTFS: the boot sector has no equal backup behind the volume's end");
}

int ntfs_volume_read(struct ntfs *n, struct fs_source *s)
{
    uint8_t boot[512];

    memset(n, 0, sizeof(*n));
    n->source = s;
    if (fs_read(s, 0, boot, sizeof(boot)))
        return -1;
    if (memcmp(boot + 3, "NTFS    ", 8))
        return fs_doubt(s, "NTFS: the boot sector has no signature");
    if (read_sizes(n, boot) || read_places(n, boot))
        return -1;
    return check_backup(n, boot);
}
