/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The input is a sparse partition of 128 MiB that claims to hold btrfs with nodes of 4 KiB. */
#include "agent/fs/fs_crc.h"

#include "agent/fuzz/sparse_disk.h"

static void fix(uint8_t *block)
{
    sparse_disk_put_crc(block, fs_crc32c(UINT32_MAX, block + 32, SPARSE_BLOCK - 32));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    sparse_disk_map(data, size, 128 << 20, fix, fs_btrfs_map);
    return 0;
}
