/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef SLIPWAY_AGENT_IMAGE_EXPORT_H
#define SLIPWAY_AGENT_IMAGE_EXPORT_H

#include <stdint.h>

#include "agent/base/failure.h"
#include "agent/base/progress.h"
#include "agent/image/store.h"

struct image_export_request {
    const char *image;
    const char *path; /* of the file, or of the first one of a set; of a second disk PATH-disk2, NAME-disk2.img */
    uint64_t split;   /* bytes in each file at most; 0: one file */
};

/* Writes a stored image as the disk that it was taken from, or as several: partition table, boot area and partitions
 * where they were, zeros wherever nothing was used. Every chunk is verified. *ret_files is how many files were made.
 * Returns 0, or -1 with *f: no-such-image, bad-image, bad-chunk, disk-error, server, cancelled; nothing is left of the
 * files then. */
int image_export(const struct image_export_request *r, struct store *s, const struct progress *p, unsigned *ret_files,
                 struct failure *f);

#endif
