/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "agent/source/qcow2.h"

#include <stdlib.h>
#include <string.h>

#include "agent/base/be.h"

#define L1_MAX (32u << 20)    /* bytes; QEMU's limit, too */
#define PIECES_MAX (4u << 20) /* 128 MiB of memory */
#define MERGED_MAX (1u << 20) /* bytes of neighbouring clusters in one piece */
#define TABLE_PART (1u << 20) /* bytes of a table in one piece */
#define OFFSET_MASK 0x00fffffffffffe00ull
#define COMPRESSED (1ull << 62)
#define ZERO 1u
/* Incompatible features. */
#define DIRTY 1u /* reference counts may be wrong, which nobody reads here */
#define CORRUPT 2u
#define EXTERNAL_DATA 4u
#define COMPRESSION_TYPE 8u
#define EXTENDED_L2 16u

struct reader {
    struct qcow2 *q;
    qcow2_read read;
    void *arg;
    uint64_t file_size;
    unsigned cluster_bits;
    uint32_t l1_entries;
    uint64_t l1_offset;
    enum qcow2_piece_kind compression;
    size_t piece_room, gap_room, table_room;
};

bool qcow2_is(const void *data, size_t size)
{
    return size >= 4 && !memcmp(data, "QFI\xfb", 4);
}

static int bad(struct failure *f, const char *what)
{
    return fail(f, "bad-image", "the qcow2 image %s", what);
}

/* Room for one more element of `list`. */
static bool grow(void **list, size_t *room, size_t count, size_t element)
{
    size_t wanted = *room ? 2 * *room : 64;
    void *larger;

    if (count < *room)
        return true;
    larger = realloc(*list, wanted * element);
    if (!larger)
        return false;
    *list = larger;
    *room = wanted;
    return true;
}

static int add_piece(struct reader *r, const struct qcow2_piece *p, struct failure *f)
{
    struct qcow2 *q = r->q;

    if (q->piece_count == PIECES_MAX)
        return bad(f, "has too many pieces for this program's memory; make a raw image of it");
    if (!grow((void **)&q->pieces, &r->piece_room, q->piece_count, sizeof(*p)))
        return fail(f, "out-of-memory", "no memory for a qcow2 image's tables");
    q->pieces[q->piece_count++] = *p;
    return 0;
}

static int add_gap(struct reader *r, uint64_t start, uint64_t size, struct failure *f)
{
    struct qcow2 *q = r->q;
    struct qcow2_gap *last = q->gap_count ? &q->gaps[q->gap_count - 1] : NULL;

    if (last && last->start + last->size == start) {
        last->size += size;
        return 0;
    }
    if (!grow((void **)&q->gaps, &r->gap_room, q->gap_count, sizeof(*q->gaps)))
        return fail(f, "out-of-memory", "no memory for a qcow2 image's tables");
    q->gaps[q->gap_count++] = (struct qcow2_gap){start, size};
    return 0;
}

/* Reads part of a table and remembers what it was: the stream that follows must bring the same. */
static int read_table(struct reader *r, uint64_t offset, void *ret, uint32_t size, struct failure *f)
{
    struct qcow2 *q = r->q;
    const struct qcow2_piece p = {
        .host = offset, .guest = q->table_count, .length = size, .size = size, .kind = QCOW2_TABLE};

    if (offset > r->file_size || size > r->file_size - offset)
        return bad(f, "has a table that lies outside of the file");
    if (r->read(r->arg, offset, ret, size, f))
        return -1;
    if (!grow((void **)&q->tables, &r->table_room, q->table_count, sizeof(*q->tables)))
        return fail(f, "out-of-memory", "no memory for a qcow2 image's tables");
    chunk_id_compute(ret, size, q->tables[q->table_count++]);
    return add_piece(r, &p, f);
}

static int check_features(const uint8_t *header, uint32_t version, enum qcow2_piece_kind *ret, struct failure *f)
{
    uint64_t features = version >= 3 ? be64_read(header + 72) : 0;
    uint8_t type = header[104];

    *ret = QCOW2_DEFLATE;
    if (features & CORRUPT)
        return bad(f, "is marked as corrupt");
    if (features & EXTERNAL_DATA)
        return bad(f, "keeps its data in another file");
    if (features & EXTENDED_L2)
        return bad(f, "has extended L2 entries, which are not supported");
    if (features & ~(uint64_t)(DIRTY | COMPRESSION_TYPE))
        return bad(f, "needs a feature that is not known");
    if (!(features & COMPRESSION_TYPE))
        return 0;
    if (be32_read(header + 100) < 105 || type > 1)
        return bad(f, "is compressed in a way that is not known");
    *ret = type == 1 ? QCOW2_ZSTD : QCOW2_DEFLATE;
    return 0;
}

static int read_header(struct reader *r, struct failure *f)
{
    uint8_t h[QCOW2_HEADER] = {0};
    uint32_t version, size = r->file_size < QCOW2_HEADER ? (uint32_t)r->file_size : QCOW2_HEADER;

    if (size < 72)
        return bad(f, "is shorter than its header");
    if (read_table(r, 0, h, size, f))
        return -1;
    version = be32_read(h + 4);
    r->cluster_bits = be32_read(h + 20);
    r->q->size = be64_read(h + 24);
    r->l1_entries = be32_read(h + 36);
    r->l1_offset = be64_read(h + 40);
    if (!qcow2_is(h, size) || version < 2 || version > 3 || (version == 3 && size < 104))
        return bad(f, "is of a version that is not known");
    if (be64_read(h + 8))
        return bad(f, "has a backing file; only images that stand alone can be deployed");
    if (be32_read(h + 32))
        return bad(f, "is encrypted");
    if (r->cluster_bits < 9 || r->cluster_bits > 21 || r->q->size == 0 || r->q->size > INT64_MAX)
        return bad(f, "has a size that makes no sense");
    r->q->cluster_size = 1u << r->cluster_bits;
    return check_features(h, version, &r->compression, f);
}

/* The run of DATA that the piece continues, if it does: neighbours in the file and on the disk. */
static bool extends(const struct qcow2 *q, const struct qcow2_piece *p)
{
    struct qcow2_piece *last = &q->pieces[q->piece_count - 1];

    if (last->kind != QCOW2_DATA || last->host + last->length != p->host || last->guest + last->size != p->guest ||
        last->length != last->size || last->size + p->size > MERGED_MAX)
        return false;
    last->length += p->length;
    last->size += p->size;
    return true;
}

static int add_data(struct reader *r, uint64_t host, uint64_t guest, uint32_t size, struct failure *f)
{
    struct qcow2_piece p = {.host = host, .guest = guest, .length = size, .size = size, .kind = QCOW2_DATA};

    if (host % r->q->cluster_size || host >= r->file_size)
        return bad(f, "has data that lies outside of the file");
    if (p.length > r->file_size - host)
        p.length = (uint32_t)(r->file_size - host);
    return extends(r->q, &p) ? 0 : add_piece(r, &p, f);
}

/* Bits 0 to x - 1: the offset in the file; above them how many sectors of 512 bytes are touched behind the first. */
static int add_compressed(struct reader *r, uint64_t entry, uint64_t guest, uint32_t size, struct failure *f)
{
    unsigned x = 62 - (r->cluster_bits - 8);
    uint64_t host = entry & ((1ull << x) - 1);
    uint64_t sectors = ((entry & (COMPRESSED - 1)) >> x) + 1, length = sectors * 512 - host % 512;
    struct qcow2_piece p = {.host = host, .guest = guest, .size = size, .kind = r->compression};

    if (host >= r->file_size)
        return bad(f, "has compressed data that lies outside of the file");
    if (length > r->file_size - host)
        length = r->file_size - host;
    if (length > QCOW2_PIECE_MAX)
        return bad(f, "has a compressed cluster that is larger than two whole ones");
    p.length = (uint32_t)length;
    return add_piece(r, &p, f);
}

static int add_cluster(struct reader *r, uint64_t entry, uint64_t guest, struct failure *f)
{
    uint64_t left = r->q->size - guest;
    uint32_t size = left < r->q->cluster_size ? (uint32_t)left : r->q->cluster_size;

    if (entry & COMPRESSED)
        return add_compressed(r, entry, guest, size, f);
    if ((entry & ZERO) || !(entry & OFFSET_MASK))
        return add_gap(r, guest, size, f);
    return add_data(r, entry & OFFSET_MASK, guest, size, f);
}

static int read_l2(struct reader *r, uint64_t offset, uint64_t guest, uint8_t *table, struct failure *f)
{
    uint32_t size = r->q->cluster_size;

    if (offset % size)
        return bad(f, "has an L2 table that does not begin with a cluster");
    for (uint32_t at = 0; at < size; at += TABLE_PART)
        if (read_table(r, offset + at, table + at, size - at < TABLE_PART ? size - at : TABLE_PART, f))
            return -1;
    for (uint32_t at = 0; at < size && guest < r->q->size; at += 8, guest += size)
        if (add_cluster(r, be64_read(table + at), guest, f))
            return -1;
    return 0;
}

static int read_l2_tables(struct reader *r, const uint8_t *l1, uint8_t *table, struct failure *f)
{
    uint64_t covered = (uint64_t)(r->q->cluster_size / 8) << r->cluster_bits, guest = 0;
    uint64_t allowed = r->file_size / r->q->cluster_size;

    for (uint32_t i = 0; guest < r->q->size; i++, guest += covered) {
        uint64_t offset = be64_read(l1 + 8 * (size_t)i) & OFFSET_MASK;
        uint64_t left = r->q->size - guest;
        if (!offset) {
            if (add_gap(r, guest, left < covered ? left : covered, f))
                return -1;
        } else if (allowed-- == 0) {
            /* One table, named again and again, would stand for more than the file can hold. */
            return bad(f, "has more L2 tables than there is room for in the file");
        } else if (read_l2(r, offset, guest, table, f)) {
            return -1;
        }
    }
    return 0;
}

static int read_tables(struct reader *r, struct failure *f)
{
    uint64_t covered = (uint64_t)(r->q->cluster_size / 8) << r->cluster_bits;
    uint64_t needed = r->q->size / covered + (r->q->size % covered != 0), size = needed * 8;
    uint8_t *l1, *table;
    int result = 0;

    if (needed > r->l1_entries || size > L1_MAX || r->l1_offset % r->q->cluster_size || r->l1_offset > r->file_size ||
        size > r->file_size - r->l1_offset)
        return bad(f, "has an L1 table that does not fit its size, or lies outside of the file");
    l1 = malloc((size_t)size);
    table = malloc(r->q->cluster_size);
    if (!l1 || !table)
        result = fail(f, "out-of-memory", "no memory for a qcow2 image's tables");
    for (uint64_t at = 0; !result && at < size; at += TABLE_PART)
        result =
            read_table(r, r->l1_offset + at, l1 + at, (uint32_t)(size - at < TABLE_PART ? size - at : TABLE_PART), f);
    if (!result)
        result = read_l2_tables(r, l1, table, f);
    free(l1);
    free(table);
    return result;
}

static int compare_hosts(const void *a, const void *b)
{
    uint64_t x = ((const struct qcow2_piece *)a)->host, y = ((const struct qcow2_piece *)b)->host;

    return x < y ? -1 : x > y;
}

int qcow2_open(struct qcow2 *q, qcow2_read read, void *arg, uint64_t file_size, struct failure *f)
{
    struct reader r = {.q = q, .read = read, .arg = arg, .file_size = file_size};

    *q = (struct qcow2){0};
    if (read_header(&r, f) || read_tables(&r, f))
        return -1;
    qsort(q->pieces, q->piece_count, sizeof(*q->pieces), compare_hosts);
    return 0;
}

void qcow2_free(struct qcow2 *q)
{
    free(q->pieces);
    free(q->gaps);
    free(q->tables);
    *q = (struct qcow2){0};
}
