/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The input is the text of a volume group; a physical volume of 8 MiB with all checksums right is made around it. Its
 * uuid is 32 times 'u'. */
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "agent/base/le.h"
#include "agent/fs/block_map.h"
#include "agent/fs/fs_crc.h"

#define PARTITION_SIZE (8 * 1024 * 1024)
#define AREA 4096
#define AREA_SIZE (1024 * 1024 - AREA)
#define CRC_START 0xf597a6cfu

static void put32(uint8_t *at, uint32_t value)
{
    for (unsigned i = 0; i < 4; i++)
        at[i] = (uint8_t)(value >> 8 * i);
}

static void make_volume(int fd, const uint8_t *text, size_t size)
{
    uint8_t label[512] = "LABELONE", head[512] = {0};

    put32(label + 8, 1);
    put32(label + 20, 32);
    memcpy(label + 24, "LVM2 001", 8);
    memset(label + 32, 'u', 32);
    le64_write(label + 64, PARTITION_SIZE);
    le64_write(label + 72, 1024 * 1024);
    le64_write(label + 104, AREA);
    le64_write(label + 112, AREA_SIZE);
    put32(label + 16, fs_crc32(CRC_START, label + 20, sizeof(label) - 20));
    memcpy(head + 4, " LVM2 x[5A%r0N*>", 16);
    put32(head + 20, 1);
    le64_write(head + 24, AREA);
    le64_write(head + 32, AREA_SIZE);
    le64_write(head + 40, 512);
    le64_write(head + 48, size);
    put32(head + 56, fs_crc32(CRC_START, text, size));
    put32(head, fs_crc32(CRC_START, head + 4, sizeof(head) - 4));
    if (pwrite(fd, label, sizeof(label), 512) != sizeof(label) ||
        pwrite(fd, head, sizeof(head), AREA) != sizeof(head) || pwrite(fd, text, size, AREA + 512) != (ssize_t)size)
        abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static int fd = -1;
    struct block_map m = {.size = PARTITION_SIZE};
    struct disk_io d = {.path = "fuzz", .direct_fd = -1, .size = PARTITION_SIZE, .sector_size = 512};
    struct fs_source s = {.disk = &d, .size = PARTITION_SIZE, .map = &m};
    uint64_t at = 0, start, end;

    if (size > 64 * 1024)
        return 0;
    if (fd < 0)
        fd = memfd_create("fuzz", 0);
    d.fd = fd;
    if (ftruncate(fd, 0) || ftruncate(fd, PARTITION_SIZE))
        return 0;
    make_volume(fd, data, size);
    if (!fs_lvm_map(&s))
        for (; block_map_next(&m, at, PARTITION_SIZE, &start, &end); at = end)
            if (start < at || end <= start || end > PARTITION_SIZE)
                abort();
    block_map_free(&m);
    return 0;
}
