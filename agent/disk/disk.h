/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The disks of this machine, and the choice of one by rule: never by luck. */
#ifndef SLIPWAY_AGENT_DISK_H
#define SLIPWAY_AGENT_DISK_H

#include <stdbool.h>
#include <stdint.h>

#include "agent/base/failure.h"

#define DISKS_MAX 32

struct disk {
    char path[64];       /* /dev/vda */
    uint64_t size;       /* bytes */
    uint32_t sector_size;
    char model[64], serial[64], wwn[64];
};

struct disk_rule {       /* empty members do not matter; all others must match */
    char path[128];      /* /dev/vda, or the name of a link in /dev/disk/by-id/, which need not exist */
    char serial[64], wwn[64], model[64];
    uint64_t size;       /* bytes; 0: does not matter */
};

/* Lists whole disks from /sys/block: no loop, RAM, zram, device-mapper, optical, floppy or read-only devices, none of size 0.
 * Returns how many, at most `max`. */
unsigned disk_list(struct disk *ret, unsigned max);

/* The same from a directory that is like /sys/block. */
unsigned disk_list_in(const char *directory, struct disk *ret, unsigned max);

/* Chooses the one disk that `rule` (NULL: any) matches. Returns its index, or -1 with *f: "no-disk", "no-matching-disk"
 * or "ambiguous-disk", the message naming the disks there are. */
int disk_choose(const struct disk *disks, unsigned count, const struct disk_rule *rule, struct failure *f);

/* Chooses a disk for each of `rule_count` rules into ret[]; with no rule the only disk there is. Returns how many were
 * chosen, or -1 with *f as disk_choose; two rules that choose the same disk are "ambiguous-disk". ret has room for
 * max(rule_count, 1). */
int disk_choose_all(const struct disk *disks, unsigned count, const struct disk_rule *rules, unsigned rule_count,
                    unsigned *ret, struct failure *f);

#endif
