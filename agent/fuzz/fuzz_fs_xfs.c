/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The input is a sparse partition of 40 MiB that claims to hold XFS, of blocks of 1 KiB if it is version 5. */
#include "agent/fs/fs_crc.h"

#include "agent/fuzz/sparse_disk.h"

static void put_crc(uint8_t *data, size_t size, size_t crc_offset)
{
    memset(data + crc_offset, 0, 4);
    sparse_disk_put_crc(data + crc_offset, fs_crc32c(UINT32_MAX, data, size));
}

static void fix(uint8_t *block)
{
    for (size_t at = 0; at < SPARSE_BLOCK; at += 512)
        if (!memcmp(block + at, "XFSB", 4))
            put_crc(block + at, 512, 224);
        else if (!memcmp(block + at, "XAGF", 4))
            put_crc(block + at, 512, 216);
        else if (at % 1024 == 0 && !memcmp(block + at, "AB3", 3))
            put_crc(block + at, 1024, 52);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    sparse_disk_map(data, size, 40 << 20, fix, fs_xfs_map);
    return 0;
}
