/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What a kind of source (file, HTTP) gives to source.c. */
#ifndef SLIPWAY_AGENT_SOURCE_KIND_H
#define SLIPWAY_AGENT_SOURCE_KIND_H

#include "agent/source/source.h"

struct source_kind {
    /* NULL with *f; *ret_size may be SOURCE_SIZE_UNKNOWN. */
    void *(*open)(const char *where, const struct progress *p, uint64_t *ret_size, struct failure *f);
    void (*close)(void *self);
    long (*read)(void *self, void *ret, size_t size, struct failure *f);
    int (*read_at)(void *self, uint64_t offset, void *ret, size_t size, struct failure *f);
};

extern const struct source_kind source_file_kind, source_http_kind;

#endif
