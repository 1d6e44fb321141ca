/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What a job's disks are to the machine's firmware. */
#ifndef SLIPWAY_AGENT_PRODUCTION_FIRMWARE_H
#define SLIPWAY_AGENT_PRODUCTION_FIRMWARE_H

#include "agent/layout/disk_partitions.h"
#include "agent/production/production.h"
#include "agent/system/system_volumes.h"

struct production_work {
    const struct production_request *request;
    const struct progress *progress;
    struct disk_partitions partitions;
    struct system_volumes volumes; /* the partitions, and logical volumes on them */
    unsigned system_count;
    struct system systems[SYSTEMS];
};

/* A line for people; `format` as of printf. */
void production_note(const struct production_work *w, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* The first system whose root is on disk `disk`, NULL when there is none. */
const struct system *production_system_on(const struct production_work *w, unsigned disk);

/* UEFI: boot entries and BootOrder of the disks' systems (when they were deployed), BootNext (with bootnext). Returns
 * 0, or -1 with *f ("production"). */
int production_efi(const struct production_work *w, struct failure *f);

/* BIOS: whether it can boot from the first disk. Returns 0, or -1 with *f ("production") when there is a system that it
 * cannot boot; a disk without one is a note. */
int production_bios(const struct production_work *w, struct failure *f);

#endif
