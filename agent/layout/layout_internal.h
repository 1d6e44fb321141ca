/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the parts of the layout share. */
#ifndef SLIPWAY_AGENT_LAYOUT_INTERNAL_H
#define SLIPWAY_AGENT_LAYOUT_INTERNAL_H

#include <string.h>

#include "agent/layout/layout.h"

static inline uint64_t layout_align_down(uint64_t value)
{
    return value - value % LAYOUT_ALIGN;
}

/* The partition that stands last; NULL: there is none. */
static inline const struct manifest_partition *layout_last(const struct manifest *m)
{
    return m->count ? &m->partitions[m->count - 1] : NULL;
}

/* `types` ends with NULL. */
static inline bool layout_is_fs(const struct manifest_partition *p, const char *const *types)
{
    for (; *types; types++)
        if (p->has_fs && !strcmp(p->fs_type, *types))
            return true;
    return false;
}

/* Whether `p` must stay where it is, because a loader for BIOS has the place of its second part written into its first:
 * a BIOS boot partition, the active one of an MBR. */
bool layout_is_fixed(const struct manifest *m, const struct manifest_partition *p);

/* Takes `missing` bytes from the partition with the most room, then from the next; what stands behind moves to the
 * front, so what stands before a fixed one gives nothing. Sizes become whole chunks: so what lies behind the new end is
 * whole chunks of the store, too. Returns 0, or -1 with *f ("target-too-small") and *m as it was. `m` has partitions. */
int layout_shrink(struct manifest *m, uint64_t missing, const struct layout_target *t, struct failure *f);

#endif
