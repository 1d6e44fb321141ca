/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The files of an image (docs/image-format.md) out of a store, checked against each other. */
#ifndef SLIPWAY_AGENT_IMAGE_FILES_H
#define SLIPWAY_AGENT_IMAGE_FILES_H

#include "agent/image/caibx.h"
#include "agent/image/manifest.h"
#include "agent/image/store.h"

/* Fetches the manifest of `image`, which must be one of that name; of several disks that of the first. Returns 0, or -1
 * with *f: no-such-image, bad-image, server, out-of-memory. */
int image_fetch_manifest(struct store *s, const char *image, struct manifest *ret, struct failure *f);

/* Fetches the manifest of the disk that first->further[i] names, and checks its SHA-256. Returns 0, or -1 with *f:
 * bad-image, server, out-of-memory. */
int image_fetch_further(struct store *s, const struct manifest *first, unsigned i, struct manifest *ret,
                        struct failure *f);

/* Fetches an index that the manifest of `image` names, for `size` bytes, and checks its SHA-256. Returns 0, *ret to be
 * released with caibx_free, or -1 with *f: bad-image, server, out-of-memory. */
int image_fetch_index(struct store *s, const char *image, const struct manifest_index *index, uint64_t size,
                      struct caibx *ret, struct failure *f);

#endif
