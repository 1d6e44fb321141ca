/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef SLIPWAY_AGENT_SCRATCH_IMAGE_H
#define SLIPWAY_AGENT_SCRATCH_IMAGE_H

#include "agent/source/image_source.h"

struct scratch_image {
    int fd;
    char path[32]; /* by which disk_io_open finds it */
};

/* Unpacks `s`, all of it and verified, into a sparse file without a name in the directory `folder` (NULL: $TMPDIR, or
 * /var/tmp). Returns 0, or -1 with *f: the reasons of image_source_copy, disk-error. */
int scratch_image_make(struct scratch_image *ret, struct image_source *s, const char *folder, struct failure *f);
void scratch_image_close(struct scratch_image *s);

#endif
