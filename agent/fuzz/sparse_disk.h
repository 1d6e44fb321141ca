/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A partition as a short input: pieces of 4 KiB blocks, the rest zeros. Each is the block's number (16 bits,
 * little-endian), how many bytes of it follow (16 bits), and those. make_seeds.py writes such inputs. */
#ifndef SLIPWAY_AGENT_FUZZ_SPARSE_DISK_H
#define SLIPWAY_AGENT_FUZZ_SPARSE_DISK_H

#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "agent/base/le.h"
#include "agent/fs/block_map.h"

#define SPARSE_BLOCK 4096
#define SPARSE_PIECES 64 /* more would only make a run slow */

/* Maps what `data` describes. `fix` makes checksums right: a fuzzer that had to guess them would see nothing behind. */
static inline void sparse_disk_map(const uint8_t *data, size_t size, uint64_t disk_size, void (*fix)(uint8_t *block),
                                   int (*map)(struct fs_source *s))
{
    static int fd = -1;
    struct block_map m = {.size = disk_size};
    struct disk_io d = {.path = "fuzz", .direct_fd = -1, .size = disk_size, .sector_size = 512};
    struct fs_source s = {.disk = &d, .size = disk_size, .map = &m};
    uint64_t at = 0, start, end;

    if (fd < 0)
        fd = memfd_create("fuzz", 0);
    d.fd = fd;
    if (ftruncate(fd, 0) || ftruncate(fd, (off_t)disk_size))
        return;
    for (unsigned pieces = 0; size >= 4 && pieces < SPARSE_PIECES; pieces++) {
        uint8_t block[SPARSE_BLOCK] = {0};
        size_t number = le16_read(data), length = le16_read(data + 2);
        if (length > SPARSE_BLOCK || length > size - 4 || (number + 1) * SPARSE_BLOCK > disk_size)
            return;
        memcpy(block, data + 4, length);
        fix(block);
        if (pwrite(fd, block, SPARSE_BLOCK, (off_t)(number * SPARSE_BLOCK)) != SPARSE_BLOCK)
            return;
        data += 4 + length;
        size -= 4 + length;
    }
    if (!map(&s))
        for (; block_map_next(&m, at, disk_size, &start, &end); at = end)
            if (start < at || end <= start || end > disk_size)
                abort();
    block_map_free(&m);
}

static inline void sparse_disk_put_crc(uint8_t *at, uint32_t crc)
{
    for (int i = 0; i < 4; i++)
        at[i] = (uint8_t)(~crc >> 8 * i);
}

#endif
