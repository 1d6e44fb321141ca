/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The used clusters of NTFS: what $Bitmap says. NTFS has no checksums, so every file's runs are held against it: a
 * cluster that a file has and $Bitmap calls free is a contradiction. */
#include "agent/fs/block_map.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "agent/base/le.h"
#include "agent/base/zeros.h"
#include "agent/fs/ntfs_record.h"
#include "agent/fs/ntfs_state.h"
#include "agent/fs/ntfs_stream.h"
#include "agent/fs/ntfs_volume.h"

#define WINDOW (128 * 1024) /* bytes of $MFT held at once; a multiple of every record size */

/* The backup of the boot sector lies behind the clusters: in one more unit, or in what the partition has left. */
static int init_map(struct ntfs *n)
{
    struct fs_source *s = n->source;
    bool whole = n->clusters < s->size / n->cluster_size;

    if (fs_map_init(s, 0, n->cluster_size, n->clusters + whole))
        return -1;
    if (whole)
        fs_map_mark(s->map, n->clusters, 1);
    else
        s->map->tail = s->size - n->clusters * n->cluster_size;
    return 0;
}

#define PIECE (64 * 1024)

/* $Bitmap's bits have the order of the map's. Pages of the map that nobody writes take no memory, so zeros stay out of
 * it. */
static int copy_bits(struct ntfs *n, const struct ntfs_stream *bitmap, uint8_t *piece, size_t bytes)
{
    for (size_t at = 0, size; at < bytes; at += size) {
        size = bytes - at < PIECE ? bytes - at : PIECE;
        if (ntfs_stream_read(n, bitmap, at, piece, size))
            return -1;
        if (!bytes_are_zero(piece, size))
            memcpy(n->source->map->bits + at, piece, size);
    }
    return 0;
}

static int read_bits(struct ntfs *n, const struct ntfs_stream *bitmap)
{
    struct block_map *m = n->source->map;
    size_t bytes = (size_t)(n->clusters / 8);
    uint8_t last, *piece;
    int result;

    if (bitmap->size < (n->clusters + 7) / 8)
        return fs_doubt(n->source, "NTFS: $Bitmap has %" PRIu64 " bytes for %" PRIu64 " clusters", bitmap->size,
                        n->clusters);
    piece = malloc(PIECE);
    if (!piece)
        return fs_doubt(n->source, "no memory to read $Bitmap");
    result = copy_bits(n, bitmap, piece, bytes);
    free(piece);
    if (result)
        return -1;
    if (n->clusters % 8 == 0)
        return 0;
    if (ntfs_stream_read(n, bitmap, bytes, &last, 1))
        return -1;
    m->bits[bytes] |= (uint8_t)(last & ((1 << n->clusters % 8) - 1));
    return 0;
}

static int read_bitmap(struct ntfs *n)
{
    struct ntfs_stream bitmap;
    int result = ntfs_stream_open(n, NTFS_FILE_BITMAP, NTFS_DATA, &bitmap);

    if (!result)
        result = read_bits(n, &bitmap);
    ntfs_stream_free(&bitmap);
    return result;
}

/* What the walk through all files has found. */
struct walk {
    uint64_t clusters; /* of all runs so far */
    uint64_t hiberfil; /* the MFT record of hiberfil.sys, or 0 */
};

static int check_marked(struct ntfs *n, uint64_t number, const struct ntfs_extent *e)
{
    for (uint64_t lcn = e->lcn; lcn < e->lcn + e->count; lcn++)
        if (!fs_map_is_marked(n->source->map, lcn))
            return fs_doubt(n->source,
                            "NTFS: cluster %" PRIu64 " belongs to MFT record %" PRIu64 ", $Bitmap calls it free", lcn,
                            number);
    return 0;
}

/* No cluster belongs to two files, so all runs together have at most the volume's clusters: no walk takes longer. */
static int check_runs(struct ntfs *n, uint64_t number, const struct ntfs_attribute *a, struct walk *w)
{
    struct ntfs_runs runs;
    struct ntfs_extent e;
    int result;

    ntfs_runs_init(&runs, a);
    while ((result = ntfs_runs_next(n, &runs, &e)) > 0) {
        if (e.lcn == NTFS_HOLE)
            continue;
        w->clusters += e.count;
        if (w->clusters > n->clusters)
            return fs_doubt(n->source, "NTFS: its files have more clusters than the volume");
        if (check_marked(n, number, &e))
            return -1;
    }
    return result;
}

/* A file name: u64 its directory (48 bits of it), ..., length at 64, UTF-16LE from 66 on. */
static bool is_hiberfil(const struct ntfs_attribute *a)
{
    static const char name[] = "hiberfil.sys";
    const size_t length = sizeof(name) - 1;

    if (a->type != NTFS_FILE_NAME || !a->resident || a->length < 66 + 2 * length || a->value[64] != length ||
        (le64_read(a->value) & 0xffffffffffff) != NTFS_FILE_ROOT)
        return false;
    for (size_t i = 0; i < length; i++) {
        uint16_t c = le16_read(a->value + 66 + 2 * i);
        if ((c >= 'A' && c <= 'Z' ? c + 32 : c) != name[i])
            return false;
    }
    return true;
}

/* Records that are no records are files that were never there: nothing of them can be held against the bitmap. */
static int check_record(struct ntfs *n, uint64_t number, uint8_t *record, struct walk *w)
{
    struct ntfs_attribute a;
    uint32_t cursor = 0;
    int result;

    if (!ntfs_record_in_use(record))
        return memcmp(record, "BAAD", 4) ? 0
                                         : fs_doubt(n->source, "NTFS: MFT record %" PRIu64 " is marked as bad", number);
    if (!ntfs_fixup(record, n->record_size))
        return fs_doubt(n->source, "NTFS: MFT record %" PRIu64 " is torn", number);
    while ((result = ntfs_attribute_next(n, number, record, &cursor, &a)) > 0) {
        if (!a.resident && check_runs(n, number, &a, w))
            return -1;
        if (is_hiberfil(&a))
            w->hiberfil = ntfs_record_base(record, number);
    }
    return result;
}

static int walk_records(struct ntfs *n, uint8_t *window, struct walk *w)
{
    uint64_t end = n->records.initialized / n->record_size * n->record_size;
    size_t size;

    for (uint64_t at = 0; at < end; at += size) {
        size = end - at < WINDOW ? (size_t)(end - at) : WINDOW;
        if (ntfs_stream_read(n, &n->records, at, window, size))
            return -1;
        for (size_t i = 0; i < size; i += n->record_size)
            if (check_record(n, (at + i) / n->record_size, window + i, w))
                return -1;
    }
    return 0;
}

/* hiberfil.sys is met on the way through all files: no index has to be trusted to find it. */
static int check_records(struct ntfs *n)
{
    struct walk w = {0};
    uint8_t *window = malloc(WINDOW);
    int result = window ? walk_records(n, window, &w) : fs_doubt(n->source, "no memory for $MFT");

    free(window);
    if (!result && w.hiberfil)
        result = ntfs_state_check_hibernation(n, w.hiberfil);
    return result;
}

/* ntfsresize and Windows shrink a volume down to its last cluster in use; the backup boot sector comes behind it. */
static void set_smallest(struct ntfs *n)
{
    struct block_map *m = n->source->map;
    uint64_t clusters = n->clusters;

    while (clusters && !fs_map_is_marked(m, clusters - 1))
        clusters--;
    m->smallest = (clusters + 1) * n->cluster_size;
    if (m->smallest > n->size + n->sector_size)
        m->smallest = n->size + n->sector_size;
}

static int map_volume(struct ntfs *n)
{
    if (ntfs_stream_open_mft(n) || ntfs_state_check(n) || init_map(n) || read_bitmap(n) || check_records(n))
        return -1;
    set_smallest(n);
    return 0;
}

int fs_ntfs_map(struct fs_source *s)
{
    struct ntfs n;
    int result = ntfs_volume_read(&n, s);

    if (!result)
        result = map_volume(&n);
    ntfs_stream_free(&n.records);
    return result;
}
