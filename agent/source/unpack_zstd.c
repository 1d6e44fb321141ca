/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "agent/source/unpack_kind.h"

#include <zstd.h>

static void *zstd_open(void)
{
    return ZSTD_createDStream();
}

static void zstd_close(void *self)
{
    ZSTD_freeDStream(self);
}

/* The library's own limit on the window, 128 MiB, holds. */
static enum unpack_state zstd_step(void *self, struct unpack_step *s)
{
    ZSTD_inBuffer in = {s->in, s->in_size, 0};
    ZSTD_outBuffer out = {s->out, s->out_size, 0};
    size_t left = ZSTD_decompressStream(self, &out, &in);

    if (ZSTD_isError(left))
        return UNPACK_BAD;
    s->in += in.pos;
    s->in_size -= in.pos;
    s->out += out.pos;
    s->out_size -= out.pos;
    return left == 0 ? UNPACK_END : UNPACK_MORE;
}

const struct unpack_kind unpack_zstd = {.name = "zstd",
                                        .magic = {0x28, 0xb5, 0x2f, 0xfd},
                                        .magic_size = 4,
                                        .open = zstd_open,
                                        .close = zstd_close,
                                        .step = zstd_step};
