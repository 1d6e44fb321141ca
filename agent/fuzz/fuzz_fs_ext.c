/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The input is a partition of 4 MiB, as sparse_disk.h says, that claims to hold ext2, ext3 or ext4. */
#include "agent/fuzz/sparse_disk.h"

#define PARTITION_SIZE (4 * 1024 * 1024)

/* The reader goes on where a checksum is wrong only to take the partition raw; old volumes have none. */
static void leave(uint8_t *block)
{
    (void)block;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    sparse_disk_map(data, size, PARTITION_SIZE, leave, fs_ext_map);
    return 0;
}
