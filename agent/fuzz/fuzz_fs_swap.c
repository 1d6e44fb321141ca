/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The input is a partition of 1 MiB, as sparse_disk.h says, that claims to hold a swap area. */
#include "agent/fuzz/sparse_disk.h"

#define PARTITION_SIZE (1024 * 1024)

static void leave(uint8_t *block)
{
    (void)block; /* swap has no checksums */
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    sparse_disk_map(data, size, PARTITION_SIZE, leave, fs_swap_map);
    return 0;
}
