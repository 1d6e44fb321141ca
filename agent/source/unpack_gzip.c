/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "agent/source/unpack_kind.h"

#include <limits.h>
#include <stdbool.h>
#include <stdlib.h>

#include <zlib.h>

#define GZIP_ONLY (16 + MAX_WBITS)

struct gzip {
    z_stream z;
    bool ended; /* a member is whole: what follows is the next */
};

static void *gzip_open(void)
{
    struct gzip *g = calloc(1, sizeof(*g));

    if (g && inflateInit2(&g->z, GZIP_ONLY) == Z_OK)
        return g;
    free(g);
    return NULL;
}

static void gzip_close(void *self)
{
    struct gzip *g = self;

    inflateEnd(&g->z);
    free(g);
}

static uInt bounded(size_t size)
{
    return size < UINT_MAX ? (uInt)size : UINT_MAX;
}

static enum unpack_state gzip_step(void *self, struct unpack_step *s)
{
    struct gzip *g = self;
    uInt in = bounded(s->in_size), out = bounded(s->out_size);
    int result;

    if (g->ended && inflateReset(&g->z) != Z_OK)
        return UNPACK_BAD;
    g->z.next_in = (Bytef *)s->in;
    g->z.avail_in = in;
    g->z.next_out = s->out;
    g->z.avail_out = out;
    result = inflate(&g->z, Z_NO_FLUSH);
    s->in += in - g->z.avail_in;
    s->in_size -= in - g->z.avail_in;
    s->out += out - g->z.avail_out;
    s->out_size -= out - g->z.avail_out;
    g->ended = result == Z_STREAM_END;
    if (g->ended)
        return UNPACK_END;
    return result == Z_OK || result == Z_BUF_ERROR ? UNPACK_MORE : UNPACK_BAD;
}

const struct unpack_kind unpack_gzip = {
    .name = "gzip", .magic = {0x1f, 0x8b}, .magic_size = 2, .open = gzip_open, .close = gzip_close, .step = gzip_step};
