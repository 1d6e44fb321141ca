/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "agent/fs/ntfs_record.h"

#include <inttypes.h>
#include <string.h>

#include "agent/base/le.h"

#define STRIDE 512 /* whatever the sector size is */
#define END_OF_ATTRIBUTES 0xffffffffu
#define RESIDENT_HEADER 24u
#define NON_RESIDENT_HEADER 64u

bool ntfs_fixup(uint8_t *block, size_t size)
{
    uint32_t offset = le16_read(block + 4), count = le16_read(block + 6);

    if (offset % 2 || offset < 8 || count != size / STRIDE + 1 || offset + 2 * count > STRIDE - 2)
        return false;
    for (uint32_t i = 1; i < count; i++)
        if (memcmp(block + i * STRIDE - 2, block + offset, 2))
            return false;
    for (uint32_t i = 1; i < count; i++)
        memcpy(block + i * STRIDE - 2, block + offset + 2 * i, 2);
    return true;
}

bool ntfs_record_in_use(const uint8_t *record)
{
    return !memcmp(record, "FILE", 4) && le16_read(record + 22) & 1;
}

uint64_t ntfs_record_base(const uint8_t *record, uint64_t number)
{
    uint64_t base = le64_read(record + 32); /* 48 bits of number, 16 of sequence, which is never 0 */

    return base ? base & 0xffffffffffff : number;
}

static bool read_resident(const uint8_t *p, uint32_t length, struct ntfs_attribute *a)
{
    uint32_t offset = le16_read(p + 20);

    a->length = le32_read(p + 16);
    a->value = p + offset;
    return offset >= RESIDENT_HEADER && offset <= length && a->length <= length - offset;
}

static bool read_non_resident(const uint8_t *p, uint32_t length, struct ntfs_attribute *a)
{
    uint32_t offset = le16_read(p + 32);

    if (length < NON_RESIDENT_HEADER || offset < NON_RESIDENT_HEADER || offset > length)
        return false;
    a->value = p + offset;
    a->length = length - offset;
    a->first = le64_read(p + 16);
    a->end = le64_read(p + 24) + 1; /* the last cluster is -1 when there is none */
    a->size = le64_read(p + 48);
    a->initialized = le64_read(p + 56);
    return a->first <= a->end && a->end <= INT64_MAX;
}

int ntfs_attribute_next(const struct ntfs *n, uint64_t number, const uint8_t *record, uint32_t *cursor,
                        struct ntfs_attribute *ret)
{
    uint32_t used = le32_read(record + 24), length;
    const uint8_t *p;

    if (*cursor == 0)
        *cursor = le16_read(record + 20);
    if (used > n->record_size || *cursor < 42 || *cursor % 8 || *cursor + 4 > used)
        return fs_doubt(n->source, "NTFS: the attributes of MFT record %" PRIu64 " do not end", number);
    p = record + *cursor;
    if (le32_read(p) == END_OF_ATTRIBUTES)
        return 0;
    length = used - *cursor >= RESIDENT_HEADER ? le32_read(p + 4) : 0;
    memset(ret, 0, sizeof(*ret));
    if (length < RESIDENT_HEADER || length % 8 || length > used - *cursor ||
        !(p[8] ? read_non_resident(p, length, ret) : read_resident(p, length, ret)))
        return fs_doubt(n->source, "NTFS: MFT record %" PRIu64 " has a malformed attribute at byte %" PRIu32, number,
                        *cursor);
    ret->type = le32_read(p);
    ret->resident = !p[8];
    ret->named = p[9] != 0;
    ret->flags = le16_read(p + 12);
    *cursor += length;
    return 1;
}

int ntfs_attribute_find(const struct ntfs *n, uint64_t number, const uint8_t *record, uint32_t type, uint64_t first,
                        struct ntfs_attribute *ret)
{
    uint32_t cursor = 0;
    int result;

    do
        result = ntfs_attribute_next(n, number, record, &cursor, ret);
    while (result > 0 && (ret->type != type || ret->named || ret->first != first));
    return result;
}

void ntfs_runs_init(struct ntfs_runs *r, const struct ntfs_attribute *a)
{
    *r = (struct ntfs_runs){.at = a->value, .limit = a->value + a->length, .vcn = a->first, .end = a->end};
}

/* `size` bytes, little-endian; `sign`: two's complement. */
static uint64_t read_number(const uint8_t *p, unsigned size, bool sign)
{
    uint64_t value = sign && size && p[size - 1] & 0x80 ? UINT64_MAX : 0;

    while (size--)
        value = value << 8 | p[size];
    return value;
}

/* The first byte of a run says how long its two numbers are: clusters (low half), distance from the last run (high). */
int ntfs_runs_next(const struct ntfs *n, struct ntfs_runs *r, struct ntfs_extent *ret)
{
    unsigned count_size, lcn_size;

    if (r->vcn == r->end && (r->at == r->limit || *r->at == 0))
        return 0;
    count_size = r->at < r->limit ? *r->at & 15 : 0;
    lcn_size = r->at < r->limit ? *r->at >> 4 : 0;
    if (count_size < 1 || count_size > 8 || lcn_size > 8 || count_size + lcn_size >= (size_t)(r->limit - r->at))
        return fs_doubt(n->source, "NTFS: mapping pairs do not end at cluster %" PRIu64, r->end);
    ret->vcn = r->vcn;
    ret->count = read_number(r->at + 1, count_size, true);
    if (ret->count == 0 || ret->count > r->end - r->vcn)
        return fs_doubt(n->source, "NTFS: a run of %" PRIu64 " clusters where %" PRIu64 " are left", ret->count,
                        r->end - r->vcn);
    if (lcn_size)
        r->lcn += read_number(r->at + 1 + count_size, lcn_size, true);
    ret->lcn = lcn_size ? r->lcn : NTFS_HOLE;
    if (lcn_size && (r->lcn >= n->clusters || ret->count > n->clusters - r->lcn))
        return fs_doubt(n->source, "NTFS: a run of %" PRIu64 " clusters at %" PRIu64 " leaves the volume", ret->count,
                        r->lcn);
    r->vcn += ret->count;
    r->at += 1 + count_size + lcn_size;
    return 1;
}
