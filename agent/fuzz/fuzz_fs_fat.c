/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The input is a partition of 4 MiB, as sparse_disk.h says, that claims to hold FAT. */
#include "agent/fuzz/sparse_disk.h"

#define PARTITION_SIZE (4 * 1024 * 1024)

static void leave(uint8_t *block)
{
    (void)block; /* FAT has no checksums */
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    sparse_disk_map(data, size, PARTITION_SIZE, leave, fs_fat_map);
    return 0;
}
