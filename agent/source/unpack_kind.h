/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What a packed format gives to unpack.c. */
#ifndef SLIPWAY_AGENT_UNPACK_KIND_H
#define SLIPWAY_AGENT_UNPACK_KIND_H

#include <stddef.h>
#include <stdint.h>

struct unpack_step {
    const uint8_t *in;
    size_t in_size; /* both move on with what was taken */
    uint8_t *out;
    size_t out_size; /* both move on with what was made */
    int last;        /* nothing will follow what is in `in` */
};

enum unpack_state {
    UNPACK_MORE, /* goes on with more input or more room */
    UNPACK_END,  /* the stream is whole; what follows may be another one */
    UNPACK_BAD,
};

struct unpack_kind {
    const char *name;
    uint8_t magic[6];
    size_t magic_size;
    void *(*open)(void); /* NULL: out of memory */
    void (*close)(void *self);
    enum unpack_state (*step)(void *self, struct unpack_step *s);
};

extern const struct unpack_kind unpack_gzip, unpack_xz, unpack_zstd;

#endif
