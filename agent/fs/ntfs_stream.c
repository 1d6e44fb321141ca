/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "agent/fs/ntfs_stream.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "agent/base/le.h"
#include "agent/fs/ntfs_record.h"

#define EXTENTS_MAX (1u << 20)
#define LIST_SIZE_MAX (256u * 1024) /* Windows' own limit of an attribute list */
#define LIST_ENTRY_SIZE 26u

static int add_extent(struct ntfs *n, struct ntfs_stream *s, const struct ntfs_extent *e)
{
    struct ntfs_extent *bigger;

    if (s->count == EXTENTS_MAX)
        return fs_doubt(n->source, "NTFS: a metadata file lies in more than %u pieces", EXTENTS_MAX);
    if ((s->count & (s->count - 1)) == 0) { /* full at each power of two */
        bigger = realloc(s->extents, (s->count ? 2 * s->count : 1) * sizeof(*bigger));
        if (!bigger)
            return fs_doubt(n->source, "no memory for the extents of a metadata file");
        s->extents = bigger;
    }
    s->extents[s->count++] = *e;
    s->clusters += e->count;
    return 0;
}

static int add_resident(struct ntfs *n, struct ntfs_stream *s, const struct ntfs_attribute *a)
{
    s->value = malloc(a->length + 1);
    if (!s->value)
        return fs_doubt(n->source, "no memory for %" PRIu32 " bytes of metadata", a->length);
    memcpy(s->value, a->value, a->length);
    s->size = s->initialized = a->length;
    return 0;
}

/* Joins an attribute to the stream's end; it must begin there. */
static int add_attribute(struct ntfs *n, uint64_t number, struct ntfs_stream *s, const struct ntfs_attribute *a)
{
    struct ntfs_runs runs;
    struct ntfs_extent e;
    int result;

    if (a->flags & (NTFS_COMPRESSED | NTFS_ENCRYPTED))
        return fs_doubt(n->source, "NTFS: file %" PRIu64 " is compressed or encrypted", number);
    if (a->resident)
        return s->value || s->count ? fs_doubt(n->source, "NTFS: file %" PRIu64 " has two contents", number)
                                    : add_resident(n, s, a);
    if (s->value || a->first != s->clusters || a->end > n->clusters)
        return fs_doubt(n->source, "NTFS: the parts of file %" PRIu64 " do not join", number);
    if (a->first == 0) {
        s->size = a->size;
        s->initialized = a->initialized;
    }
    ntfs_runs_init(&runs, a);
    while ((result = ntfs_runs_next(n, &runs, &e)) > 0)
        if (add_extent(n, s, &e))
            return -1;
    return result;
}

static int add_from_record(struct ntfs *n, uint64_t number, uint64_t part, uint32_t type, struct ntfs_stream *s)
{
    uint8_t record[NTFS_RECORD_MAX];
    struct ntfs_attribute a;
    int result;

    if (ntfs_record_read(n, part, record))
        return -1;
    if (ntfs_record_base(record, part) != number)
        return fs_doubt(n->source, "NTFS: MFT record %" PRIu64 " is no part of file %" PRIu64, part, number);
    result = ntfs_attribute_find(n, part, record, type, s->clusters, &a);
    if (result == 0)
        return fs_doubt(n->source, "NTFS: MFT record %" PRIu64 " has no attribute 0x%" PRIx32 " of cluster %" PRIu64,
                        part, type, s->clusters);
    return result < 0 ? -1 : add_attribute(n, number, s, &a);
}

/* The entries of an attribute list are sorted: the parts of an attribute come in the order of their clusters. The first
 * part lies in the base record more often than not, and was added from there. */
static int add_listed(struct ntfs *n, uint64_t number, uint32_t type, const uint8_t *list, size_t size,
                      struct ntfs_stream *s)
{
    size_t length;

    for (size_t at = 0; at < size; at += length) {
        const uint8_t *entry = list + at;
        length = size - at >= LIST_ENTRY_SIZE ? le16_read(entry + 4) : 0;
        if (length < LIST_ENTRY_SIZE || length > size - at)
            return fs_doubt(n->source, "NTFS: the attribute list of file %" PRIu64 " is malformed", number);
        if (le32_read(entry) != type || entry[6] || (le64_read(entry + 8) == 0 && (s->value || s->count)))
            continue;
        if (add_from_record(n, number, le64_read(entry + 16) & 0xffffffffffff, type, s))
            return -1;
    }
    return 0;
}

static int add_by_list(struct ntfs *n, uint64_t number, uint32_t type, const struct ntfs_attribute *list,
                       struct ntfs_stream *s)
{
    struct ntfs_stream entries = {0};
    uint8_t *data = NULL;
    int result = add_attribute(n, number, &entries, list);

    if (!result && entries.size > LIST_SIZE_MAX)
        result = fs_doubt(n->source, "NTFS: the attribute list of file %" PRIu64 " has %" PRIu64 " bytes", number,
                          entries.size);
    if (!result) {
        data = malloc((size_t)entries.size + 1);
        result = data ? ntfs_stream_read(n, &entries, 0, data, (size_t)entries.size)
                      : fs_doubt(n->source, "no memory for an attribute list");
    }
    if (!result)
        result = add_listed(n, number, type, data, (size_t)entries.size, s);
    free(data);
    ntfs_stream_free(&entries);
    return result;
}

/* $MFT's list can be followed only through the part of $MFT that its own first record places: that part comes first. */
static int open_from(struct ntfs *n, uint64_t number, const uint8_t *record, uint32_t type, struct ntfs_stream *s)
{
    struct ntfs_attribute a, list;
    int listed = ntfs_attribute_find(n, number, record, NTFS_ATTRIBUTE_LIST, 0, &list);
    int found = listed < 0 ? -1 : ntfs_attribute_find(n, number, record, type, 0, &a);

    if (found < 0 || (found && add_attribute(n, number, s, &a)) || (listed && add_by_list(n, number, type, &list, s)))
        return -1;
    if (!found && !s->value && !s->count)
        return fs_doubt(n->source, "NTFS: file %" PRIu64 " has no attribute 0x%" PRIx32, number, type);
    if (!s->value && (s->size > s->clusters * n->cluster_size || s->initialized > s->size))
        return fs_doubt(n->source, "NTFS: %" PRIu64 " of %" PRIu64 " bytes of file %" PRIu64 " in %" PRIu64 " clusters",
                        s->initialized, s->size, number, s->clusters);
    return 0;
}

int ntfs_stream_open(struct ntfs *n, uint64_t number, uint32_t type, struct ntfs_stream *ret)
{
    uint8_t record[NTFS_RECORD_MAX];

    memset(ret, 0, sizeof(*ret));
    return ntfs_record_read(n, number, record) ? -1 : open_from(n, number, record, type, ret);
}

int ntfs_stream_open_mft(struct ntfs *n)
{
    uint8_t record[NTFS_RECORD_MAX];

    memset(&n->records, 0, sizeof(n->records));
    if (fs_read(n->source, n->mft * n->cluster_size, record, n->record_size))
        return -1;
    if (!ntfs_record_in_use(record) || !ntfs_fixup(record, n->record_size))
        return fs_doubt(n->source, "NTFS: $MFT does not start at cluster %" PRIu64, n->mft);
    if (open_from(n, NTFS_FILE_MFT, record, NTFS_DATA, &n->records))
        return -1;
    if (!n->records.count || n->records.extents[0].lcn != n->mft)
        return fs_doubt(n->source, "NTFS: $MFT is not where the boot sector says");
    return 0;
}

static const struct ntfs_extent *find_extent(const struct ntfs_stream *s, uint64_t vcn)
{
    size_t low = 0, high = s->count;

    while (low + 1 < high) {
        size_t middle = low + (high - low) / 2;
        if (s->extents[middle].vcn <= vcn)
            low = middle;
        else
            high = middle;
    }
    return high && vcn - s->extents[low].vcn < s->extents[low].count ? &s->extents[low] : NULL;
}

/* Reads as much as lies in one piece. */
static int read_piece(const struct ntfs *n, const struct ntfs_stream *s, uint64_t offset, uint8_t *p, size_t *size)
{
    const struct ntfs_extent *e = find_extent(s, offset / n->cluster_size);
    uint64_t inside, left;

    if (!e)
        return fs_doubt(n->source, "NTFS: byte %" PRIu64 " of a metadata file lies nowhere", offset);
    inside = offset - e->vcn * n->cluster_size;
    left = e->count * n->cluster_size - inside;
    *size = *size < left ? *size : (size_t)left;
    if (e->lcn != NTFS_HOLE)
        return fs_read(n->source, e->lcn * n->cluster_size + inside, p, *size);
    memset(p, 0, *size);
    return 0;
}

int ntfs_stream_read(const struct ntfs *n, const struct ntfs_stream *s, uint64_t offset, void *buffer, size_t size)
{
    size_t piece, data;
    uint8_t *p = buffer;

    if (offset > s->size || size > s->size - offset)
        return fs_doubt(n->source, "NTFS: byte %" PRIu64 " lies behind the end of a metadata file", offset + size);
    if (s->value) {
        memcpy(p, s->value + offset, size);
        return 0;
    }
    data = offset >= s->initialized ? 0 : s->initialized - offset < size ? (size_t)(s->initialized - offset) : size;
    memset(p + data, 0, size - data);
    for (; data; data -= piece, offset += piece, p += piece) {
        piece = data;
        if (read_piece(n, s, offset, p, &piece))
            return -1;
    }
    return 0;
}

int ntfs_record_read(const struct ntfs *n, uint64_t number, uint8_t *record)
{
    if (ntfs_stream_read(n, &n->records, number * n->record_size, record, n->record_size))
        return -1;
    if (!ntfs_record_in_use(record) || !ntfs_fixup(record, n->record_size))
        return fs_doubt(n->source, "NTFS: MFT record %" PRIu64 " is damaged", number);
    return 0;
}

void ntfs_stream_free(struct ntfs_stream *s)
{
    free(s->value);
    free(s->extents);
    memset(s, 0, sizeof(*s));
}
