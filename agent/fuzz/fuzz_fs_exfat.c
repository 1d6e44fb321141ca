/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The input is a sparse partition of 4 MiB that claims to hold exFAT. */
#include "agent/fuzz/sparse_disk.h"

#define REGION (11 * 512)

static void fix(uint8_t *block)
{
    (void)block;
}

/* The checksum of the boot region, in sectors of 512 bytes, is made right. */
static int map(struct fs_source *s)
{
    uint8_t region[REGION], sums[512];
    uint32_t sum = 0;

    if (pread(s->disk->fd, region, sizeof(region), 0) != sizeof(region))
        return -1;
    for (size_t i = 0; i < sizeof(region); i++)
        if (i != 106 && i != 107 && i != 112)
            sum = (sum << 31 | sum >> 1) + region[i];
    for (size_t i = 0; i < sizeof(sums); i++)
        sums[i] = (uint8_t)(sum >> 8 * (i % 4));
    if (pwrite(s->disk->fd, sums, sizeof(sums), REGION) != sizeof(sums))
        abort();
    return fs_exfat_map(s);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    sparse_disk_map(data, size, 4 << 20, fix, map);
    return 0;
}
