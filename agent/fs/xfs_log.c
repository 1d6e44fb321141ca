/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The log is a ring of blocks of 512 bytes. Each block starts with the number of the round ("cycle") in which it was
 * written; a record's header has its magic number there and the cycle behind it. The newest record (the head) ends
 * where the cycle falls by one, or where blocks were never written. */
#include "agent/fs/xfs_log.h"

#include <inttypes.h>
#include <string.h>

#include "agent/base/be.h"

#define BLOCK 512
#define RECORD_MAGIC 0xfeedbabeu
#define RECORD_BLOCKS_MAX (256 * 1024 / BLOCK + 8) /* data and headers of the largest record */
#define HEADER_DATA (32 * 1024)                    /* how much data one block of a version 2 header describes */
#define UNMOUNT_FLAG 0x20u

struct ring {
    struct fs_source *source;
    uint64_t start; /* byte */
    uint32_t blocks;
};

static int read_block(const struct ring *r, uint32_t block, uint8_t data[BLOCK])
{
    return fs_read(r->source, r->start + (uint64_t)(block % r->blocks) * BLOCK, data, BLOCK);
}

static bool is_header(const uint8_t *data)
{
    return be32_read(data) == RECORD_MAGIC;
}

static int read_cycle(const struct ring *r, uint32_t block, uint32_t *ret)
{
    uint8_t data[BLOCK];

    if (read_block(r, block, data))
        return -1;
    *ret = be32_read(data + (is_header(data) ? 4 : 0));
    return 0;
}

/* By bisection, as the kernel does it: a log that was cleanly closed has at most one such place, and of others the
 * unmount record will not be found. The head is the first block after the newest record; r->blocks when that ends the
 * ring. */
static int find_head(const struct ring *r, uint32_t *ret)
{
    uint32_t first, last, cycle, low = 0, high = r->blocks - 1;

    if (read_cycle(r, 0, &first) || read_cycle(r, r->blocks - 1, &last))
        return -1;
    if (first == 0)
        return fs_doubt(r->source, "XFS: its log is empty");
    if (last == first) {
        *ret = r->blocks;
        return 0;
    }
    if (last != 0 && last != first - 1)
        return fs_doubt(r->source, "XFS: its log begins in cycle %" PRIu32 " and ends in cycle %" PRIu32, first, last);
    while (high - low > 1) {
        uint32_t middle = low + (high - low) / 2;
        if (read_cycle(r, middle, &cycle))
            return -1;
        *(cycle == last ? &high : &low) = middle;
    }
    *ret = high;
    return 0;
}

/* The newest header before the head, counted on past the ring's start so that it stays below `head`. */
static int find_record(const struct ring *r, uint32_t head, uint32_t *ret, uint8_t data[BLOCK])
{
    uint32_t limit = r->blocks < RECORD_BLOCKS_MAX ? r->blocks : RECORD_BLOCKS_MAX;

    for (uint32_t back = 1; back <= limit; back++) {
        *ret = head + r->blocks - back;
        if (read_block(r, *ret, data))
            return -1;
        if (is_header(data))
            return 0;
    }
    return fs_doubt(r->source, "XFS: its log has no record before its head");
}

static uint32_t header_blocks(const uint8_t *header)
{
    uint32_t size = be32_read(header + 320);

    if (!(be32_read(header + 8) & 2) || size <= HEADER_DATA || size > 8 * HEADER_DATA)
        return 1;
    return (size + HEADER_DATA - 1) / HEADER_DATA;
}

static int check_uuid(const struct ring *r, const struct xfs_layout *l, const uint8_t *header)
{
    static const uint8_t none[16];

    if (memcmp(header + 304, l->uuid, 16) && memcmp(header + 304, none, 16))
        return fs_doubt(r->source, "XFS: its log belongs to another file system");
    return 0;
}

/* Whether nothing newer follows a record that ends at `end`. xfs_repair -L and xfs_admin -U write an unmount record,
 * zeros and then records of the cycle before, so that the head seems to lie behind the zeros. */
static bool is_newest(const struct ring *r, uint32_t end, uint32_t head)
{
    uint32_t cycle;

    if (end == head + r->blocks)
        return true;
    return end < head + r->blocks && !read_cycle(r, end, &cycle) && cycle == 0;
}

static int check_unmount(const struct ring *r, uint32_t head, uint32_t record, const uint8_t *header)
{
    uint32_t length = be32_read(header + 12), headers = header_blocks(header);
    uint8_t operation[BLOCK];

    if (read_block(r, record + headers, operation))
        return -1;
    if (length > RECORD_BLOCKS_MAX * BLOCK || be32_read(header + 40) != 1 || !(operation[9] & UNMOUNT_FLAG) ||
        !is_newest(r, record + headers + (length + BLOCK - 1) / BLOCK, head))
        return fs_doubt(r->source, "XFS: its log was not replayed (not cleanly unmounted)");
    return 0;
}

int xfs_log_check(struct fs_source *s, const struct xfs_layout *l)
{
    struct ring r = {.source = s, .start = l->log_start * l->block_size};
    uint64_t blocks = (uint64_t)l->log_blocks * l->block_size / BLOCK;
    uint32_t head = 0, record = 0;
    uint8_t header[BLOCK];

    if (blocks < 2 || blocks > INT32_MAX)
        return fs_doubt(s, "XFS: a log of %" PRIu32 " blocks", l->log_blocks);
    r.blocks = (uint32_t)blocks;
    if (find_head(&r, &head) || find_record(&r, head, &record, header) || check_uuid(&r, l, header))
        return -1;
    return check_unmount(&r, head, record, header);
}
