/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The input is a sparse partition of 8 MiB that claims to hold NTFS. */
#include "agent/fuzz/sparse_disk.h"

#define PARTITION_SIZE (8u << 20)

/* Update sequences: the last two bytes of each sector repeat the sequence number. */
static void fix(uint8_t *block)
{
    for (size_t at = 0; at < SPARSE_BLOCK; at += 1024) {
        size_t offset = le16_read(block + at + 4) % 500;
        if (memcmp(block + at, "FILE", 4))
            continue;
        memcpy(block + at + 510, block + at + offset, 2);
        memcpy(block + at + 1022, block + at + offset, 2);
    }
}

/* Whatever was changed in what NTFS keeps twice is changed in both. */
static int map(struct fs_source *s)
{
    uint8_t boot[512], records[4096];
    uint64_t cluster, mft, mirror;

    if (pread(s->disk->fd, boot, sizeof(boot), 0) == sizeof(boot) &&
        pwrite(s->disk->fd, boot, sizeof(boot), PARTITION_SIZE - 512) == sizeof(boot)) {
        cluster = (uint64_t)le16_read(boot + 11) * boot[13];
        mft = le64_read(boot + 48) * cluster % PARTITION_SIZE;
        mirror = le64_read(boot + 56) * cluster % PARTITION_SIZE;
        if (mirror <= PARTITION_SIZE - sizeof(records) &&
            pread(s->disk->fd, records, sizeof(records), (off_t)mft) == sizeof(records) &&
            pwrite(s->disk->fd, records, sizeof(records), (off_t)mirror) != sizeof(records))
            abort();
    }
    return fs_ntfs_map(s);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    sparse_disk_map(data, size, PARTITION_SIZE, fix, map);
    return 0;
}
