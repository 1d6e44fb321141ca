/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Where an image's partitions go on a disk of another size, and beside partitions that stay: docs/image-format.md, "A
 * disk of another size". Pure computation. */
#ifndef SLIPWAY_AGENT_LAYOUT_H
#define SLIPWAY_AGENT_LAYOUT_H

#include "agent/image/manifest.h"

#define LAYOUT_ALIGN CHUNK_SIZE /* bytes: what is moved, grown or shrunk changes by multiples of it */

#define DEPLOY_GROW_AUTO 0 /* on a disk larger than the image's: the last partition that can grow */
#define DEPLOY_GROW_NONE (-1)

/* What becomes of the partitions on a disk that is larger or smaller than the image's; docs/image-format.md, "A disk of
 * another size". All zeros are the defaults. */
struct deploy_layout {
    int grow;             /* number of the partition that gets the free space, or DEPLOY_GROW_... */
    const unsigned *keep; /* `keep_count` numbers of partitions of the target that stay as they are, entry and bytes */
    unsigned keep_count;
};

/* What becomes of each partition of the manifest; list[i] belongs to partitions[i]. */
struct layout {
    struct {
        uint64_t source_start, source_size; /* bytes, in the image; source_size 0: kept, nothing is written */
    } list[MANIFEST_PARTITIONS];
};

/* The disk that is written to. */
struct layout_target {
    const char *name;            /* for messages */
    uint64_t size;               /* bytes */
    const struct manifest *kept; /* the target's own table, for the numbers in options->keep; NULL: it has none */
};

/* Turns `m`, as it came from the image, into the table to write: partitions grown, shrunk, moved, and the kept ones
 * among them, all in order of start. `options` NULL: the defaults. A partition of the image with the number of a kept
 * one is left out. Returns 0, or -1 with *f and *m undefined: "target-too-small" (names the partition that would have
 * to shrink and the sizes), "bad-layout" (an option names what does not exist, or a kept partition lies where the
 * image's must go). */
int layout_make(struct manifest *m, const struct layout_target *target, const struct deploy_layout *options,
                struct layout *ret, struct failure *f);

/* Of a disk whose partitions are where they are to stay: gives the last partition what lies behind it. `which` is as
 * in struct deploy_layout. Returns 1 when it has grown; 0 when it has not, because there is too little room, nobody
 * wants it or it is none that grows by itself; -1 with *f ("bad-layout": `which` names another one). */
int layout_grow_last(struct manifest *m, const struct layout_target *target, int which, struct failure *f);

/* Leaves of `m`, a disk's table, only the partitions whose numbers are in `options->keep`. Returns 0, or -1 with *f
 * ("bad-layout") when one does not exist. */
int layout_select_kept(struct manifest *m, const struct deploy_layout *options, struct failure *f);

/* The first byte of a disk that stays because partition `k` of its table `kept` does: of a logical one, that of the
 * extended partition, which stays with it. */
uint64_t layout_kept_start(const struct manifest *kept, const struct manifest_partition *k);

/* Whether the file system in `p` can be made smaller, and the least bytes that its partition would then need. */
bool layout_can_shrink(const struct manifest_partition *p);
uint64_t layout_least_size(const struct manifest_partition *p);

#endif
