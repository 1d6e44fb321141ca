/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The input is the start of a partition of 4 MiB that claims to hold FAT. */
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

#include "agent/block_map.h"

#define PARTITION_SIZE (4 * 1024 * 1024)

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static int fd = -1;
    struct block_map m = {.size = PARTITION_SIZE};
    struct disk_io d = {.path = "fuzz", .direct_fd = -1, .size = PARTITION_SIZE, .sector_size = 512};
    struct fs_source s = {.disk = &d, .size = PARTITION_SIZE, .map = &m};
    uint64_t at = 0, start, end;

    if (fd < 0)
        fd = memfd_create("fuzz", 0);
    d.fd = fd;
    if (size > PARTITION_SIZE || ftruncate(fd, 0) || ftruncate(fd, PARTITION_SIZE) ||
        pwrite(fd, data, size, 0) != (ssize_t)size)
        return 0;
    if (!fs_fat_map(&s))
        for (; block_map_next(&m, at, PARTITION_SIZE, &start, &end); at = end)
            if (start < at || end <= start || end > PARTITION_SIZE)
                abort();
    block_map_free(&m);
    return 0;
}
