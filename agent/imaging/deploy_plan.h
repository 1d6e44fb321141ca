/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Everything that a deploy knows before it writes the first byte, and all the reasons not to. */
#ifndef SLIPWAY_AGENT_DEPLOY_PLAN_H
#define SLIPWAY_AGENT_DEPLOY_PLAN_H

#include "agent/image/manifest.h"
#include "agent/image/store.h"
#include "agent/imaging/disk_set.h"
#include "agent/imaging/region.h"
#include "agent/layout/layout.h"

struct deploy_disk {
    const struct disk_io *io;  /* the target; of the caller's set */
    struct manifest *manifest; /* what it gets: the image's, as the layout changed it */
    struct manifest *kept;     /* the target's partitions that stay; NULL: none */
    struct layout layout;
    uint8_t *boot;             /* manifest->boot_size bytes, verified; NULL: no boot area */
};

struct deploy_plan {
    unsigned count;
    struct deploy_disk disks[MANIFEST_DISKS];
    struct region_set regions; /* the first disk's partitions, the second's, ...; kept ones are empty */
    uint64_t total;            /* bytes of all chunks, zeros too */
};

/* Fetches manifests, indexes and boot areas of `image` and checks them against each other and against `disks`, which
 * must stay where they are while the plan is used. The numbers in `layout` (NULL: the defaults) are those of the first
 * disk. Returns 0, or -1 with *f: no-such-image, bad-image, bad-chunk, disk-count, target-too-small, bad-layout,
 * sector-size, server. Release with deploy_plan_free in both cases. Nothing is
 * written. */
int deploy_plan_make(struct deploy_plan *plan, const char *image, const struct disk_set *disks,
                     const struct deploy_layout *layout, struct store *s, struct failure *f);
void deploy_plan_free(struct deploy_plan *plan);

#endif
