/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The anonymous capture: the disks as they would be if their systems had forgotten which machine they are. All changes
 * are made in memory (agent/disk/cow.h); the disks are opened read-only. */
#ifndef SLIPWAY_AGENT_ANONYMOUS_H
#define SLIPWAY_AGENT_ANONYMOUS_H

#include "agent/anonymous/anonymous_items.h"
#include "agent/base/progress.h"
#include "agent/disk/cow.h"
#include "agent/system/system.h"

struct anonymous_options {
    unsigned leave;  /* bits of anonymous_item that stay */
    bool logs;       /* what is in /var/log goes, too */
    uint64_t memory; /* bytes that may change on each disk; 0: a share of half of what the machine has free */
};

struct anonymous;

/* Finds the systems of `count` disks, and removes the identity of each. p->note tells what was removed where. Returns
 * NULL with *f: "anonymous" (a system was found and cannot be changed, nothing could be looked at, a system is
 * hibernated), "snapshot-full", "disk-error", "bad-table", "out-of-memory". */
struct anonymous *anonymous_open(const char *const *disks, unsigned count, const struct anonymous_options *o,
                                 const struct progress *p, struct failure *f);
void anonymous_close(struct anonymous *a);

/* For struct capture_request: what lies over each disk. Owned by `a`. */
struct cow *const *anonymous_cows(const struct anonymous *a);

/* The systems that were found. Owned by `a`; their nodes are gone. */
const struct system *anonymous_systems(const struct anonymous *a, unsigned *ret_count);

#endif
