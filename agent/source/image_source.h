/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A disk image that is no image of a store: raw, raw packed with gzip, xz or zstd, qcow2, or a split set (.img, .002,
 * ...), in a file or on an HTTP server. It is read once, as a stream, without a copy. */
#ifndef SLIPWAY_AGENT_IMAGE_SOURCE_H
#define SLIPWAY_AGENT_IMAGE_SOURCE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "agent/base/failure.h"
#include "agent/base/progress.h"

#define IMAGE_SOURCE_BLOCK (1024u * 1024u)

struct image_source_request {
    const char *where;  /* path or URL */
    const char *sha256; /* 64 hexadecimal digits that its bytes must hash to; NULL: look beside it */
    bool unchecked;     /* go on when there is no checksum at all */
};

struct image_source;

/* Opens it, sees what it is and finds its checksum. NULL with *f: no-such-image, server, bad-image (also: a format that
 * is not supported), "no-checksum", cancelled, out-of-memory. `p` must outlive the answer. */
struct image_source *image_source_open(const struct image_source_request *r, const struct progress *p,
                                       struct failure *f);
void image_source_close(struct image_source *s);

/* Bytes of the disk; UINT64_MAX when only the end of the stream will tell. */
uint64_t image_source_disk_size(const struct image_source *s);

/* True when the file is the disk, byte by byte, in one local file: it needs no unpacking. */
bool image_source_is_plain_file(const struct image_source *s);

/* True when there is a checksum that image_source_copy will compare. */
bool image_source_is_checked(const struct image_source *s);

/* The size of the sectors that the partition table was made for; 0 when there is none that tells (only a GPT does). */
uint32_t image_source_sector_size(const struct image_source *s);

/* Who gets the bytes, in any order, each once; what neither call names is zeros, too. Return 0, or -1 with *f. */
struct image_sink {
    int (*write)(void *arg, uint64_t offset, const void *data, size_t size, struct failure *f);
    int (*zero)(void *arg, uint64_t offset, uint64_t size, struct failure *f);
    void *arg;
};

/* Reads everything to its end, hands it to `sink` and then compares the checksum: the sink has got what was meant only
 * when this returns 0. `step` is for the progress reports. *ret_size is the size of the disk. Returns -1 with *f:
 * bad-image, server, cancelled, and the sink's. Call once. */
int image_source_copy(struct image_source *s, const char *step, const struct image_sink *sink, uint64_t *ret_size,
                      struct failure *f);

#endif
