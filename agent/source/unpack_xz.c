/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "agent/source/unpack_kind.h"

#include <stdlib.h>

#include <lzma.h>

/* xz -9 takes 65 MiB; a machine in automation has 256 MiB. */
#define MEMORY_MAX ((uint64_t)96 << 20)

static void *xz_open(void)
{
    lzma_stream *z = calloc(1, sizeof(*z));

    if (z && lzma_stream_decoder(z, MEMORY_MAX, LZMA_CONCATENATED) == LZMA_OK)
        return z;
    free(z);
    return NULL;
}

static void xz_close(void *self)
{
    lzma_end(self);
    free(self);
}

/* The library itself goes from stream to stream: its end is the end of all. */
static enum unpack_state xz_step(void *self, struct unpack_step *s)
{
    lzma_stream *z = self;
    lzma_ret result;

    z->next_in = s->in;
    z->avail_in = s->in_size;
    z->next_out = s->out;
    z->avail_out = s->out_size;
    result = lzma_code(z, s->last ? LZMA_FINISH : LZMA_RUN);
    s->in = z->next_in;
    s->in_size = z->avail_in;
    s->out = z->next_out;
    s->out_size = z->avail_out;
    if (result == LZMA_STREAM_END)
        return UNPACK_END;
    return result == LZMA_OK || result == LZMA_BUF_ERROR ? UNPACK_MORE : UNPACK_BAD;
}

const struct unpack_kind unpack_xz = {.name = "xz",
                                      .magic = {0xfd, '7', 'z', 'X', 'Z', 0},
                                      .magic_size = 6,
                                      .open = xz_open,
                                      .close = xz_close,
                                      .step = xz_step};
