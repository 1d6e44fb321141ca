/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The way from a finished job into production: boot entries, BootNext, kexec. Only on a machine that automation runs:
 * all of this changes the computer itself. */
#ifndef SLIPWAY_AGENT_PRODUCTION_H
#define SLIPWAY_AGENT_PRODUCTION_H

#include <stdint.h>

#include "agent/base/failure.h"
#include "agent/base/progress.h"
#include "agent/protocol/job.h"

#define PRODUCTION_PAST 256

/* What was on the disks before a deploy: GUIDs of partitions, as they stand in a GPT. */
struct production_past {
    unsigned count;
    uint8_t guids[PRODUCTION_PAST][16];
};

struct production_request {
    enum job_finish how;
    const char *const *disks; /* that the job worked on */
    unsigned disk_count;
    bool deployed;                      /* they were written; else only the way there is looked for */
    const struct production_past *past; /* NULL: not known */
    const char *boot_order; /* "network-first", "disk-first", "keep"; "": what slipway.boot_order= says on automation's
                               command line, else network-first */
    const char *boot_mac;   /* of the card that automation came by, "52:54:..."; NULL or "": not known */
};

/* Whether a machine with this firmware ("uefi", "bios") can end a job so; asked before a disk is touched. Returns 0, or
 * -1 with *f ("production"). */
int production_supported(enum job_finish how, const char *firmware, struct failure *f);

/* Remembers what partitions the disks have, before a step changes that: their boot entries lead nowhere afterwards. A
 * disk that cannot be read has none. */
void production_remember(const char *const *disks, unsigned count, struct production_past *ret);

/* Makes ready what finish_machine(how) then does. On UEFI the boot entries of deployed disks are put right; with
 * bootnext the firmware's next start is the disk's system, with kexec its newest kernel is loaded. On a BIOS the disk's
 * boot code is looked at. Returns 0, or -1 with *f ("production"): the machine would not come into production. What
 * does not prevent that is a note. */
int production_prepare(const struct production_request *r, const struct progress *p, struct failure *f);

#endif
