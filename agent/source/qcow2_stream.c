/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "agent/source/qcow2_stream.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "agent/disk/disk_io.h"

#define WINDOW ((size_t)2 * QCOW2_PIECE_MAX)
#define READ_MAX ((size_t)256 * 1024)          /* at once: progress and cancelling are seen to in between */
#define ZERO_MAX ((uint64_t)256 * 1024 * 1024) /* likewise; a device without a command for it is written to */

/* The part of the file that is in memory: [start, start + size), at data + begin. */
struct window {
    uint8_t *data;
    uint64_t start;
    size_t begin, size;
};

struct copy {
    const struct qcow2_stream *s;
    struct window w;
    uint8_t *out; /* what goes to the disk, aligned for it: a cluster, or a piece of DATA */
};

static int no_memory(const struct copy *c, struct failure *f)
{
    return fail(f, "out-of-memory", "no memory to read %.200s", c->s->name);
}

/* Drops what lies before `offset`; pieces come in order, so nobody asks for it again. */
static void drop(struct window *w, uint64_t offset)
{
    uint64_t n = offset - w->start;

    if (offset <= w->start)
        return;
    if (n > w->size)
        n = w->size;
    w->start += n;
    w->begin += (size_t)n;
    w->size -= (size_t)n;
}

static int read_more(struct copy *c, struct failure *f)
{
    struct window *w = &c->w;
    size_t room;
    long n;

    if (w->begin + w->size == WINDOW || w->size == 0) {
        memmove(w->data, w->data + w->begin, w->size);
        w->begin = 0;
    }
    room = WINDOW - w->begin - w->size;
    n = c->s->read(c->s->arg, w->data + w->begin + w->size, room < READ_MAX ? room : READ_MAX, f);
    if (n < 0)
        return -1;
    w->size += (size_t)n;
    if (n == 0)
        return fail(f, "bad-image", "%.200s ends at byte %" PRIu64 " of %" PRIu64, c->s->name, w->start + w->size,
                    c->s->file_size);
    return copy_meter_count(c->s->meter, w->start + w->size, c->s->file_size, f);
}

/* Makes the window begin at `offset` and hold `size` bytes, at most QCOW2_PIECE_MAX, which lie within the file. */
static int slide(struct copy *c, uint64_t offset, size_t size, struct failure *f)
{
    for (;;) {
        drop(&c->w, offset);
        if (c->w.start == offset && c->w.size >= size)
            return 0;
        if (read_more(c, f))
            return -1;
    }
}

static int check_table(const struct copy *c, const struct qcow2_piece *p, const uint8_t *data, struct failure *f)
{
    uint8_t id[CHUNK_ID_SIZE];

    chunk_id_compute(data, p->length, id);
    if (!memcmp(id, c->s->qcow2->tables[p->guest], CHUNK_ID_SIZE))
        return 0;
    return fail(f, "bad-image", "%.200s has changed while it was read", c->s->name);
}

static int copy_piece(struct copy *c, const struct qcow2_piece *p, struct failure *f)
{
    const uint8_t *data;

    if (slide(c, p->host, p->length, f))
        return -1;
    data = c->w.data + c->w.begin;
    if (p->kind == QCOW2_TABLE)
        return check_table(c, p, data, f);
    if (p->kind == QCOW2_DATA) {
        memcpy(c->out, data, p->length);
        memset(c->out + p->length, 0, p->size - p->length);
    } else if (!qcow2_unpack(c->s->qcow2, p, data, c->out)) {
        return fail(f, "bad-image", "%.200s: the compressed cluster at byte %" PRIu64 " is damaged", c->s->name,
                    p->host);
    }
    return c->s->sink->write(c->s->sink->arg, p->guest, c->out, p->size, f);
}

static int zero_gap(const struct copy *c, const struct qcow2_gap *gap, struct failure *f)
{
    for (uint64_t at = 0, n; at < gap->size; at += n) {
        n = gap->size - at < ZERO_MAX ? gap->size - at : ZERO_MAX;
        if (c->s->sink->zero(c->s->sink->arg, gap->start + at, n, f) ||
            copy_meter_count(c->s->meter, 0, c->s->file_size, f))
            return -1;
    }
    return 0;
}

static int zero_gaps(const struct copy *c, struct failure *f)
{
    const struct qcow2 *q = c->s->qcow2;

    for (size_t i = 0; i < q->gap_count; i++)
        if (zero_gap(c, &q->gaps[i], f))
            return -1;
    return 0;
}

/* What follows the last piece counts for the checksum. */
static int read_rest(struct copy *c, struct failure *f)
{
    for (;;) {
        drop(&c->w, c->w.start + c->w.size);
        if (c->w.start == c->s->file_size)
            return 0;
        if (read_more(c, f))
            return -1;
    }
}

int qcow2_stream_copy(const struct qcow2_stream *s, struct failure *f)
{
    struct copy c = {.s = s};
    int result;

    c.w.data = malloc(WINDOW);
    c.out = aligned_alloc(DISK_IO_ALIGN, QCOW2_CLUSTER_MAX);
    result = c.w.data && c.out ? zero_gaps(&c, f) : no_memory(&c, f);
    for (size_t i = 0; !result && i < s->qcow2->piece_count; i++)
        result = copy_piece(&c, &s->qcow2->pieces[i], f);
    if (!result)
        result = read_rest(&c, f);
    free(c.w.data);
    free(c.out);
    return result;
}
