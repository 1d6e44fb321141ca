/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What a source holds, unpacked: gzip, xz or zstd by its first bytes, anything else as it is. Untrusted: memory is
 * bounded whatever the bytes say. */
#ifndef SLIPWAY_AGENT_UNPACK_H
#define SLIPWAY_AGENT_UNPACK_H

#include <stdbool.h>

#include "agent/source/source.h"

struct unpack;

/* Reads the first bytes of `s`, which must be at its beginning, belongs to the caller and outlives the answer. NULL
 * with *f: those of source_read, "out-of-memory". */
struct unpack *unpack_open(struct source *s, struct failure *f);
void unpack_close(struct unpack *u);

/* "gzip", "xz", "zstd"; "" when nothing is packed. */
const char *unpack_name(const struct unpack *u);

/* Reads until `ret` holds `size` bytes or the end is there. Returns how many, less than `size` (also 0) only at the
 * end, which is where the packed data says; -1 with *f: "bad-image" when it is damaged, ends early or has something
 * behind it, and the reasons of source_read. */
long unpack_read(struct unpack *u, void *ret, size_t size, struct failure *f);

#endif
