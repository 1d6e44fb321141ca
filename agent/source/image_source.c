/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "agent/source/image_source.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <sys/stat.h>

#include "agent/base/copy_meter.h"
#include "agent/base/zeros.h"
#include "agent/disk/disk_io.h"
#include "agent/net/http.h"
#include "agent/source/image_source_format.h"
#include "agent/source/qcow2_stream.h"
#include "agent/source/source_sum.h"
#include "agent/source/unpack.h"

#define BLOCK IMAGE_SOURCE_BLOCK

struct image_source {
    const struct progress *progress;
    struct source *source;
    struct unpack *unpack;
    struct source_sum sum; /* size 0: none, and that is allowed */
    bool is_qcow2;
    struct qcow2 qcow2;
    uint8_t *block; /* BLOCK bytes, aligned for a disk */
    size_t block_size;
};

static int find_sum(struct image_source *s, const struct image_source_request *r, struct failure *f)
{
    char text[400];

    if (r->sha256) {
        s->sum.size = 32;
        snprintf(s->sum.from, sizeof(s->sum.from), "the order");
        return source_sum_parse(r->sha256, "", 32, s->sum.sum) ? 0
                                                               : fail(f, "bad-image", "no SHA-256: %.80s", r->sha256);
    }
    if (source_sum_find(r->where, s->progress, &s->sum, f))
        return -1;
    if (s->sum.size == 0 && r->unchecked && !http_is_url(r->where))
        return 0;
    if (s->sum.size)
        snprintf(text, sizeof(text), "checksum from %s", s->sum.from);
    else if (r->unchecked)
        snprintf(text, sizeof(text), "no checksum of %.250s: damage on the way will not be seen", r->where);
    else
        return fail(f, "no-checksum",
                    "%.200s has no checksum: none was given, and neither its .sha256 nor SHA256SUMS nor SHA512SUMS "
                    "is beside it",
                    r->where);
    if (s->progress->note)
        s->progress->note(s->progress->arg, text);
    return 0;
}

static int read_table_bytes(void *arg, uint64_t offset, void *ret, size_t size, struct failure *f)
{
    return source_read_at(arg, offset, ret, size, f);
}

static int open_qcow2(struct image_source *s, struct failure *f)
{
    if (unpack_name(s->unpack)[0])
        return fail(f, "bad-image", "%.200s is a qcow2 image packed with %s: unpack it first", source_name(s->source),
                    unpack_name(s->unpack));
    if (source_size(s->source) == SOURCE_SIZE_UNKNOWN)
        return fail(f, "server", "%.200s: the server does not say how long it is, which qcow2 needs",
                    source_name(s->source));
    s->is_qcow2 = true;
    return qcow2_open(&s->qcow2, read_table_bytes, s->source, source_size(s->source), f);
}

static int begin(struct image_source *s, const struct image_source_request *r, struct failure *f)
{
    long n;

    s->source = source_open(r->where, s->progress, f);
    if (!s->source || find_sum(s, r, f))
        return -1;
    source_hash(s->source, s->sum.size);
    s->unpack = unpack_open(s->source, f);
    if (!s->unpack)
        return -1;
    s->block = aligned_alloc(DISK_IO_ALIGN, BLOCK);
    if (!s->block)
        return fail(f, "out-of-memory", "no memory to read %.200s", r->where);
    n = unpack_read(s->unpack, s->block, BLOCK, f);
    if (n < 0 || image_source_format_check(r->where, s->block, (size_t)n, f))
        return -1;
    s->block_size = (size_t)n;
    return qcow2_is(s->block, s->block_size) ? open_qcow2(s, f) : 0;
}

struct image_source *image_source_open(const struct image_source_request *r, const struct progress *p,
                                       struct failure *f)
{
    struct image_source *s = calloc(1, sizeof(*s));

    if (!s) {
        fail(f, "out-of-memory", "no memory to read %.200s", r->where);
        return NULL;
    }
    s->progress = p;
    if (!begin(s, r, f))
        return s;
    image_source_close(s);
    return NULL;
}

void image_source_close(struct image_source *s)
{
    if (!s)
        return;
    qcow2_free(&s->qcow2);
    unpack_close(s->unpack);
    source_close(s->source);
    free(s->block);
    free(s);
}

uint64_t image_source_disk_size(const struct image_source *s)
{
    if (s->is_qcow2)
        return s->qcow2.size;
    return unpack_name(s->unpack)[0] ? UINT64_MAX : source_size(s->source);
}

bool image_source_is_plain_file(const struct image_source *s)
{
    struct stat st;

    return !s->is_qcow2 && !unpack_name(s->unpack)[0] && stat(source_name(s->source), &st) == 0 &&
           (uint64_t)st.st_size == source_size(s->source);
}

bool image_source_is_checked(const struct image_source *s)
{
    return s->sum.size != 0;
}

uint32_t image_source_sector_size(const struct image_source *s)
{
    return s->is_qcow2 ? 0 : image_source_format_sector_size(s->block, s->block_size);
}

static int count(struct copy_meter *m, struct image_source *s, struct failure *f)
{
    return copy_meter_count(m, source_position(s->source), source_size(s->source), f);
}

static int copy_raw(struct image_source *s, const struct image_sink *sink, struct copy_meter *m, uint64_t *ret_size,
                    struct failure *f)
{
    uint64_t offset = 0;
    long n = (long)s->block_size;

    while (n > 0) {
        bool zeros = bytes_are_zero(s->block, (size_t)n);
        if (zeros ? sink->zero(sink->arg, offset, (uint64_t)n, f)
                  : sink->write(sink->arg, offset, s->block, (size_t)n, f))
            return -1;
        offset += (uint64_t)n;
        if (count(m, s, f))
            return -1;
        n = n < (long)BLOCK ? 0 : unpack_read(s->unpack, s->block, BLOCK, f);
    }
    *ret_size = offset;
    return n < 0 ? -1 : 0;
}

static long read_on(void *arg, void *ret, size_t size, struct failure *f)
{
    struct image_source *s = arg;
    size_t first = s->block_size < size ? s->block_size : size;

    if (!first)
        return unpack_read(s->unpack, ret, size, f);
    /* What begin() has read ahead. */
    memcpy(ret, s->block, first);
    memmove(s->block, s->block + first, s->block_size - first);
    s->block_size -= first;
    return (long)first;
}

static int copy_qcow2(struct image_source *s, const struct image_sink *sink, struct copy_meter *m, uint64_t *ret_size,
                      struct failure *f)
{
    const struct qcow2_stream stream = {.qcow2 = &s->qcow2,
                                        .name = source_name(s->source),
                                        .file_size = source_size(s->source),
                                        .read = read_on,
                                        .arg = s,
                                        .sink = sink,
                                        .meter = m};

    *ret_size = s->qcow2.size;
    return qcow2_stream_copy(&stream, f);
}

int image_source_copy(struct image_source *s, const char *step, const struct image_sink *sink, uint64_t *ret_size,
                      struct failure *f)
{
    struct copy_meter m;
    int result;

    copy_meter_begin(&m, s->progress, step, source_name(s->source));
    result = s->is_qcow2 ? copy_qcow2(s, sink, &m, ret_size, f) : copy_raw(s, sink, &m, ret_size, f);
    if (!result && s->sum.size)
        result = source_sum_check(&s->sum, s->source, f);
    if (!result)
        copy_meter_end(&m, source_position(s->source));
    return result;
}
