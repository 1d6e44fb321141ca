/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef SLIPWAY_AGENT_DEPLOY_SOURCE_H
#define SLIPWAY_AGENT_DEPLOY_SOURCE_H

#include "agent/source/image_source.h"
#include "agent/system/system.h"

struct deploy_source_request {
    struct image_source_request source;
    const char *disk;
    int grow; /* what a larger disk has more: as in struct deploy_layout, but only the last partition can get it */
    /* As in struct deploy_request; may be NULL. */
    int (*personalise)(void *arg, const struct system_partitions *p, struct failure *f);
    void *arg;
};

/* Puts an image that is in no store on a disk, as it is streamed. The first and the last MiB of the disk are cleared
 * first and written last, after the stream was whole, its checksum right and everything flushed; a GUID partition table
 * is made to end with a larger disk, and the last partition may grow. Returns 0, or -1 with *f: the disk then does not
 * boot. Refused before anything is written: a source that is not there, not supported or has no checksum, a disk that
 * is known to be too small, another sector size, and the reasons of image_source_open. */
int deploy_source(const struct deploy_source_request *r, const struct progress *p, struct failure *f);

#endif
