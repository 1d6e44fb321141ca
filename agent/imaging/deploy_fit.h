/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The part of a deploy that has to do with the target's size and with what stays on it: docs/image-format.md, "A disk
 * of another size". */
#ifndef SLIPWAY_AGENT_DEPLOY_FIT_H
#define SLIPWAY_AGENT_DEPLOY_FIT_H

#include <stdbool.h>

#include "agent/base/progress.h"
#include "agent/imaging/deploy_nodes.h"
#include "agent/imaging/deploy_plan.h"

/* Makes a disk unbootable at the start of a deploy or after a failed one: its table is cleared or, with partitions that
 * are kept, replaced by one of those alone, so that they are never without their entries; the boot code and what lies
 * before the first of them are cleared. Returns 0, or -1 with *f. */
int deploy_fit_clear(const struct deploy_disk *disk, struct failure *f);

/* Tells what is kept, moved, grown and shrunk. */
void deploy_fit_tell(const struct deploy_plan *plan, const struct progress *p);

/* Asks the programs that shrink file systems whether they can, with all bytes coming from the store: before anything is
 * written. Returns 0, or -1 with *f ("target-too-small", "resize", or why the store cannot be read). */
int deploy_fit_check(const struct deploy_plan *plan, const struct store *s, const struct progress *p,
                     struct failure *f);

/* Shrinks the file systems of partitions that are smaller than in the image, whose beginnings are on their disks;
 * clears the ends of those that are larger, where an older use of the disk may have left what somebody takes for a
 * superblock; lets the boot sectors of those that have moved say so. Returns 0, or -1 with *f ("resize", "disk-error",
 * or why the rest could not be read). */
int deploy_fit_ends(const struct deploy_plan *plan, const struct store *s, const struct progress *p, struct failure *f);

/* Whether a partition is larger than in the image. */
bool deploy_fit_grows(const struct deploy_plan *plan);

/* Grows the file systems of those. One that cannot be grown stays as it is, and a note says why. Returns 0, or -1 with
 * *f ("resize"): one was damaged. */
int deploy_fit_grow(const struct deploy_plan *plan, const struct deploy_nodes *nodes, const struct progress *p,
                    struct failure *f);

#endif
